"""Links in reminders: one number without signing in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer

from funnel.access import Seat, Standing, standing_of
from funnel.domain.weeks import Week, local_today
from funnel.models import KPI, Meeting, Staff, WeeklyEntry

# A repeated request within this time gets the same response.
REPEATED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Link:
    """`by` is None if expired: meeting started, week closed, owner changed."""

    week: Week
    by: Standing | None
    stored: WeeklyEntry | None

    def was_just_used(self, now: datetime) -> bool:
        """Repeated requests get the same response."""
        return (
            self.by is not None
            and self.stored is not None
            and self.stored.entered_by_id == self.by.seat.user.pk
            and now - self.stored.entered_at < REPEATED_WITHIN
        )


def sign_link(*, kpi_id: int, week: Week, staff_id: int, holding: tuple[int, int] | None) -> str:
    """Invalid once `holding`, ids of ownership and owner, changes. No query."""
    held = [None, None] if holding is None else list(holding)
    return _links().sign_object([kpi_id, str(week), staff_id, *held])


def take_link(token: str, now: datetime) -> Link | None:
    """None if forged. Read-only, as mail scanners follow links; single use by constraint. At most
    four queries.
    """
    try:
        kpi_id, week, staff_id, *held = _links().unsign_object(token)
    except (BadSignature, ValueError):
        # Invalid tokens may not even be base64.
        return None
    of_week = Week.parse(week)
    people = Staff.objects.seated().select_related("practice", "user")
    staff = people.filter(pk=staff_id).first()
    by = None if staff is None else _stand_by_link(staff, kpi_id, of_week, held, now)
    stored = WeeklyEntry.objects.filter(kpi=kpi_id, week=of_week.monday).first()
    return Link(of_week, by, stored)


def _stand_by_link(
    staff: Staff, kpi_id: int, week: Week, held: list[int | None], now: datetime
) -> Standing | None:
    """At most two queries."""
    practice = staff.practice
    if now >= practice.meeting_at(week):
        return None
    day = local_today(now, practice.time_zone)
    asked = KPI.objects.active().entered().filter(pk=kpi_id, practice=practice)
    found = asked.assigned(day, staff=staff)
    if not found:
        return None
    ownership = found[0].ownership
    if held != ([ownership.pk, ownership.staff_id] if ownership else [None, None]):
        return None
    meetings = Meeting.objects.filter(practice=practice, week=week.monday)
    if meetings.begun().exists():
        return None
    standing = standing_of(Seat(staff.user, practice, staff), found[0], day)
    return standing if standing.is_mine else None


def _links() -> Signer:
    return Signer(salt="funnel.one-number", sep=".")
