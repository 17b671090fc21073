from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from funnel.domain.weeks import Week
from funnel.models import Practice, ShortWeek, Staff
from funnel.reports.names import called


@dataclass(frozen=True, slots=True)
class ShortWeekMark:
    week: Week
    days_open: int
    reason: str
    marked_by: str
    marked_at: datetime


def find_mark(practice: Practice, week: Week) -> ShortWeekMark | None:
    """One query."""
    row = _rows(practice).filter(week=week.monday).first()
    return _mark(row) if row else None


def list_marks(
    practice: Practice, *, first: Week | None = None, last: Week | None = None
) -> Sequence[ShortWeekMark]:
    """Earliest first. One query."""
    rows = _rows(practice)
    if first is not None:
        rows = rows.filter(week__gte=first.monday)
    if last is not None:
        rows = rows.filter(week__lte=last.monday)
    return [_mark(row) for row in rows]


def as_mark(practice: Practice, row: ShortWeek) -> ShortWeekMark:
    """One query."""
    staff = Staff.objects.filter(practice=practice, user=row.marked_by).first()
    name = staff.name if staff else row.marked_by.email
    return ShortWeekMark(Week(row.week), row.days_open, row.reason, name, row.marked_at)


def _rows(practice: Practice) -> QuerySet[ShortWeek, Any]:
    rows = ShortWeek.objects.filter(practice=practice).order_by("week")
    by = called(practice, "marked_by")
    return rows.values_list("week", "days_open", "reason", by, "marked_at")


def _mark(row: Sequence[Any]) -> ShortWeekMark:
    monday, *rest = row
    return ShortWeekMark(Week(monday), *rest)
