from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import KPI, Baseline


@writes
def begin(*, by: Seat, kpi: KPI, from_week: Week, reason: str, today: date) -> Baseline:
    """Start a manual baseline."""
    require(May.SET_BASELINE, by, of=kpi.practice_id)
    if kpi.is_archived:
        raise ValidationError(
            {"from_week": f"{kpi.name} is archived: it cannot get a new baseline."}
        )
    if from_week.is_future(today):
        raise ValidationError({"from_week": "This week has not started yet."})
    if not by.practice.has_begun_by(from_week):
        raise ValidationError(
            {"from_week": f"{by.practice.name} had not started yet in this week."}
        )
    _lock(kpi)
    if kpi.baselines.filter(from_week=from_week.monday).exists():
        raise ValidationError({"from_week": "A baseline already starts in this week."})
    begun = Baseline(
        kpi=kpi,
        from_week=from_week.monday,
        reason=reason.strip(),
        begun_at=timezone.now(),
        begun_by=by.user,
    )
    begun.full_clean()
    begun.save()
    return begun


@writes
def end(*, by: Seat, kpi: KPI, today: date, from_week: Week | None = None) -> Baseline:
    """End it (default: running week). Raises ValidationError without one and in its first week."""
    require(May.SET_BASELINE, by, of=kpi.practice_id)
    week = from_week or Week.running(today)
    if week.is_future(today):
        raise ValidationError({"from_week": "This week has not started yet."})
    _lock(kpi)
    last = kpi.baselines.filter(from_week__lte=week.monday).order_by("-from_week").first()
    if last is None or (last.ended_week is not None and last.ended_week <= week.monday):
        raise ValidationError({"from_week": f"{kpi.name} has no baseline in this week."})
    if last.from_week == week.monday:
        raise ValidationError(
            {"from_week": "The baseline starts in this week. Choose a later one."}
        )
    last.ended_week = week.monday
    last.ended_at = timezone.now()
    last.ended_by = by.user
    last.full_clean()
    last.save()
    return last


def _lock(kpi: KPI) -> None:
    KPI.objects.select_for_update(no_key=True).only("pk").get(pk=kpi.pk)
