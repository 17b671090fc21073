from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import KPI, NotBrought, WeeklyEntry


@writes
def mark(*, by: Seat, week: Week, kpi: KPI, is_missing: bool, today: date) -> None:
    """Raises as `meetings.open_for`; ValidationError if entered or calculated."""
    require(May.RUN_MEETING, by, of=kpi.practice_id)
    meeting = meetings.open_for(by, week, today)
    marked = NotBrought.objects.filter(meeting=meeting, kpi=kpi)
    if marked.exists() == is_missing:
        return
    if is_missing:
        _check(kpi, week)
        NotBrought.objects.create(
            meeting=meeting, kpi=kpi, marked_at=timezone.now(), marked_by=by.user
        )
    else:
        marked.delete()
    meetings.changed(meeting)


def _check(kpi: KPI, week: Week) -> None:
    if kpi.is_calculated:
        raise ValidationError(f"{kpi.name} is calculated: it cannot be marked as not brought.")
    if WeeklyEntry.objects.filter(kpi=kpi, week=week.monday).exists():
        raise ValidationError(f"{kpi.name} is in: it cannot be marked as not brought.")
