"""Giving a person's calendar its address, and taking it back."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, hash_of_token, require, token_for
from funnel.actions.writing import writes
from funnel.models import CalendarFeed, Staff


@writes
def make(*, by: Seat, once: str) -> str:
    """Makes a new address of one's own calendar and returns its token, which is kept nowhere; the
    one before stops working.

    The same `once`, as a double click or a reload sends it, makes one address and returns it again.
    Raises PermissionDenied for a superuser without a place; ValidationError once that address has
    been taken back.
    """
    staff = _lock(by)
    token = token_for(by, "calendar", once)
    made = CalendarFeed.objects.filter(token_hash=hash_of_token(token)).first()
    if made is not None:
        if made.revoked_at is not None:
            raise ValidationError("That address was taken back. Open this page again.")
        return token
    revoke_of(by=by, staff=staff)
    feed = CalendarFeed(
        staff=staff,
        token_start=token[: CalendarFeed._meta.get_field("token_start").max_length],
        token_hash=hash_of_token(token),
        made_at=timezone.now(),
        made_by=by.user,
    )
    feed.full_clean()
    feed.save()
    return token


@writes
def revoke(*, by: Seat) -> None:
    """Takes the address of one's own calendar back for good; without one nothing is changed.

    Raises PermissionDenied for a superuser without a place.
    """
    revoke_of(by=by, staff=_lock(by))


@writes
def revoke_of(*, by: Seat, staff: Staff) -> None:
    """Takes the address of that person's calendar back for good, in the transaction of whoever
    asks, who has seen that `by` may. One statement."""
    open_ones = CalendarFeed.objects.unrevoked().filter(staff=staff)
    open_ones.update(revoked_at=timezone.now(), revoked_by=by.user)


def _lock(by: Seat) -> Staff:
    """The person's place, locked: a second click waits here until the first is done."""
    require(May.MAKE_CALENDAR, by)
    assert by.staff is not None  # noqa: S101 - required
    return Staff.objects.select_for_update(no_key=True).get(pk=by.staff.pk)
