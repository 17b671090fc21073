"""Inviting people: a mail with their way in."""

from collections.abc import Container
from dataclasses import dataclass
from functools import partial

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from funnel.access import May, Seat, require
from funnel.actions.writing import writes, writing
from funnel.models import Staff, User


@dataclass(frozen=True, slots=True)
class Invited:
    """To whom the mails went, and to whom the mail server took none: their names."""

    told: tuple[str, ...]
    refused: tuple[str, ...]


def invite_team(*, by: Seat, again: Container[Staff] = ()) -> Invited:
    """Invites everyone of the practice who never was, and once more those of `again`; not oneself.

    Two clicks at once mail each person once. Whoever the mail server refuses counts as not
    invited. A crash in between leaves one person counted as invited who has no mail: invite them
    again. Not to be called in a transaction. Raises PermissionDenied unless `by` is admin.
    """
    require(May.INVITE, by)
    told, refused = [], []
    team = Staff.objects.active().filter(practice=by.practice).exclude(user=by.user)
    for staff in team.select_related("user"):
        is_new = _claim(staff, by=by)
        if not is_new and staff not in again:
            continue
        try:
            invite(by=by, staff=staff)
        except OSError:
            if is_new:
                _forget(staff, by=by)
            refused.append(staff.name)
        else:
            told.append(staff.name)
    return Invited(tuple(told), tuple(refused))


@writes
def _claim(staff: Staff, *, by: Seat) -> bool:
    """Whether it is this request that invites them for the first time."""
    never = Staff.objects.filter(pk=staff.pk, invited_at=None)
    return never.update(invited_at=timezone.now(), invited_by=by.user) == 1


@writes
def _forget(staff: Staff, *, by: Seat) -> None:
    Staff.objects.filter(pk=staff.pk).update(invited_at=None, invited_by=None)


def invite(*, by: Seat, staff: Staff) -> None:
    """Mails a person their way into the practice, after the transaction if there is one, and notes
    when and by whom.

    Whoever has no password gets a link that sets one: it works once and for
    `PASSWORD_RESET_TIMEOUT` seconds. Whoever has one gets the page to sign in on. Only the mail
    tells the two apart, so an admin does not learn whether the address is known elsewhere.
    Someone who has yet to join is led to the page that asks them to.
    Raises PermissionDenied unless `by` is admin of the practice; ValidationError for someone who
    no longer works there; OSError when the mail server refuses.
    """
    require(May.INVITE, by, of=staff.practice_id)
    if not staff.is_active or not staff.user.is_active:
        raise ValidationError(f"{staff.name} no longer works here.")
    has_password = staff.user.has_usable_password()
    said = {
        "name": staff.name,
        "practice": by.practice.name,
        "inviter": by.name,
        "email": staff.user.email,
        "has_password": has_password,
        "is_to_join": not staff.has_accepted,
        "link": settings.SITE_URL + _way_in(staff),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
    }
    subject = render_to_string("mail/invitation.subject.txt", said)
    mail = EmailMessage(
        # A line break in a name would begin another header.
        subject=" ".join(subject.split()),
        body=render_to_string("mail/invitation.txt", said),
        to=[staff.user.email],
    )
    transaction.on_commit(partial(_send, mail, staff, by.user))


def _send(mail: EmailMessage, staff: Staff, by: User) -> None:
    mail.send()
    with writing(staff.practice_id):
        Staff.objects.filter(pk=staff.pk).update(invited_at=timezone.now(), invited_by=by)


def _way_in(staff: Staff) -> str:
    """The page that sets a password, where there is none; else the sign-in page, which leads to the
    practice, or to the page where its user joins it."""
    if not staff.user.has_usable_password():
        return _set_password(staff.user)
    page = reverse("home")
    if staff.has_accepted:
        page = reverse("dashboard", args=[staff.practice.slug])
    return f"{reverse('account_login')}?{urlencode({'next': page})}"


def _set_password(user: User) -> str:
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
