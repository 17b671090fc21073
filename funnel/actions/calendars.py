from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes
from funnel.models import CalendarFeed


@writes
def make(*, by: Seat, once: str) -> str:
    """Create a calendar address, revoking the former; return its text, as `secrets.make`.

    Raises PermissionDenied for a superuser without membership.
    """
    require(May.MAKE_CALENDAR, by)
    feed = CalendarFeed(staff=by.staff)
    before = CalendarFeed.objects.filter(staff=by.staff)
    return secrets.make(feed, once, by=by, prepare=lambda: secrets.revoke_all(before, by=by))[1]


@writes
def revoke(*, by: Seat) -> None:
    """Revoke it, if any. Raises PermissionDenied for a superuser without membership."""
    require(May.MAKE_CALENDAR, by)
    secrets.revoke_all(CalendarFeed.objects.filter(staff=by.staff), by=by)
