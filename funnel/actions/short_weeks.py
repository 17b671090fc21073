from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.actions.refusals import Closed
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import ShortWeek

CLOSED = "This week is closed. A manager can reopen it, with a reason."


@writes
def mark(*, by: Seat, week: Week, days_open: int, reason: str, today: date) -> ShortWeek:
    """Raises Closed; ValidationError for future weeks or before the first."""
    _check(by, week, today)
    row = ShortWeek.objects.filter(practice=by.practice, week=week.monday).first()
    row = row or ShortWeek(practice=by.practice, week=week.monday)
    reason = reason.strip()
    row.is_new = row.pk is None
    if row.pk and (row.days_open, row.reason) == (days_open, reason):
        return row
    row.days_open = days_open
    row.reason = reason
    row.marked_at = timezone.now()
    row.marked_by = by.user
    row.full_clean(exclude=["practice", "marked_by"])
    row._history_user = by.user
    row.save()
    return row


@writes
def unmark(*, by: Seat, week: Week, today: date) -> None:
    """Raises as `mark`."""
    _check(by, week, today)
    row = ShortWeek.objects.filter(practice=by.practice, week=week.monday).first()
    if row is not None:
        row._history_user = by.user
        row.delete()


def _check(by: Seat, week: Week, today: date) -> None:
    require(May.MARK_SHORT, by)
    if week.is_future(today):
        raise ValidationError("This week has not started yet.")
    if not by.practice.has_begun_by(week):
        raise ValidationError(f"{by.practice.name} had not started yet in this week.")
    if meetings.lock(by.practice, week).is_closed:
        raise Closed(CLOSED)
