"""Creating the address of a person's calendar, and revoking it."""

from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes
from funnel.models import CalendarFeed


@writes
def make(*, by: Seat, once: str) -> str:
    """Create a new address of one's own calendar and return its text, as `secrets.make`; the one
    before is revoked.

    Raises PermissionDenied for a superuser without a place; ValidationError once it is revoked.
    """
    require(May.MAKE_CALENDAR, by)
    feed = CalendarFeed(staff=by.staff)
    before = CalendarFeed.objects.filter(staff=by.staff)
    return secrets.make(feed, once, by=by, prepare=lambda: secrets.revoke_all(before, by=by))[1]


@writes
def revoke(*, by: Seat) -> None:
    """Revoke the address of one's own calendar; without one nothing is changed.

    Raises PermissionDenied for a superuser without a place.
    """
    require(May.MAKE_CALENDAR, by)
    secrets.revoke_all(CalendarFeed.objects.filter(staff=by.staff), by=by)
