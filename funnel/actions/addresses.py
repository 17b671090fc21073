from datetime import datetime, timedelta
from typing import Literal

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from funnel.actions.writing import touch, writing
from funnel.models import AddressChange, Message, Practice, User
from funnel.outbox.queue import enqueue, to_address

Mailbox = Literal["old", "new"]

VALID_FOR = timedelta(days=1)
TAKEN = "Someone already signs in with this address."
GIVEN_UP = "A different address was requested since: use the newest mail."
DIGEST = 16


@transaction.atomic
def ask(*, by: User, email: str, now: datetime) -> AddressChange:
    """Replace an unconfirmed change and queue a mail to both mailboxes.

    Does not reveal whether the address is in use.
    """
    # Concurrent requests wait here; the later one replaces the earlier.
    user = User.objects.select_for_update().get(pk=by.pk)
    change = AddressChange(
        user=user, old_email=user.email, new_email=email.strip().lower(), asked=now
    )
    if change.new_email == user.email:
        raise ValidationError({"new_email": "You sign in with this address already."})
    user.address_changes.filter(done=None).delete()
    change.full_clean(exclude=["user"])
    change.save()
    about = str(change.pk)
    for mailbox, address in (("old", change.old_email), ("new", change.new_email)):
        mail = to_address(
            address,
            kind=Message.Kind.ADDRESS,
            about=about,
            now=now,
            change=change.pk,
            mailbox=mailbox,
            password=password_of(user),
        )
        enqueue([mail])
    return change


def signed(change: AddressChange, mailbox: Mailbox) -> str:
    """Return the token of a mailed link."""
    return _signer().sign_object([change.pk, mailbox, password_of(change.user)])


def find(token: str) -> tuple[AddressChange, Mailbox] | None:
    """Return change and mailbox, None if invalid, expired, replaced or done. One query."""
    try:
        pk, mailbox, password = _signer().unsign_object(token, max_age=VALID_FOR)
    except (BadSignature, ValueError):
        return None
    change = AddressChange.objects.filter(pk=pk, done=None).select_related("user").first()
    if change is None or not _is_current(change, change.user):
        return None
    if not constant_time_compare(password, password_of(change.user)):
        return None
    return change, mailbox


def waiting(user: User, now: datetime) -> AddressChange | None:
    """Return the unconfirmed change. One query."""
    asked = user.address_changes.filter(done=None, asked__gt=now - VALID_FOR)
    return asked.filter(old_email=user.email).first()


def confirm(*, change: AddressChange, mailbox: Mailbox, now: datetime) -> AddressChange:
    """Confirm one mailbox; both change the address. Raises ValidationError if taken or replaced."""
    with writing():
        user = User.objects.select_for_update().get(pk=change.user_id)
        locked = AddressChange.objects.select_for_update().filter(pk=change.pk).first()
        if locked is not None and locked.done is not None:
            return locked
        if locked is None or not _is_current(locked, user):
            raise ValidationError({"new_email": GIVEN_UP})
        name = f"{mailbox}_confirmed"
        if getattr(locked, name) is None:
            setattr(locked, name, now)
        if locked.old_confirmed and locked.new_confirmed:
            _change(user, locked, now)
        locked.full_clean(exclude=["user"])
        locked.save()
        return locked


def _change(user: User, change: AddressChange, now: datetime) -> None:
    if User.objects.filter(email=change.new_email).exists():
        raise ValidationError({"new_email": TAKEN})
    user.email = change.new_email
    user.full_clean(exclude=["password"])
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise ValidationError({"new_email": TAKEN}) from error
    # Without a membership the address is the displayed name.
    for practice_id in Practice.objects.values_list("pk", flat=True):
        touch(practice_id)
    # Otherwise allauth still accepts the old address.
    EmailAddress.objects.filter(user=user).delete()
    change.done = now


def _is_current(change: AddressChange, user: User) -> bool:
    return user.is_active and user.email == change.old_email


def password_of(user: User) -> str:
    """Digest that changes with the password."""
    return user.get_session_auth_hash()[:DIGEST]


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="funnel.address", sep=".")
