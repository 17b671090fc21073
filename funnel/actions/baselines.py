"""From which week on a KPI's usual behaviour is told, and keeping what it came to."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.access import Seat
from funnel.actions.writing import writes
from funnel.domain.variation import FULL, limits
from funnel.domain.weeks import Week
from funnel.models import KPI, Baseline, WeeklyEntry


def refresh(*, kpi_id: int, week: Week, today: date) -> None:
    """Keeps the limits of the baseline that the week belongs to, as the numbers now tell them:
    frozen from the twentieth completed week with a number on, else none.

    Called in the transaction that saved a number of that entered KPI and week. A number after the
    frozen week changes nothing. Three statements, and one more where limits are kept;
    `KPI.moves_limits` tells where there is nothing to do.
    """
    _lock(kpi_id)
    _keep(kpi_id, list(Baseline.objects.filter(kpi=kpi_id)), week, today)


def refresh_all(*, kpi_id: int, weeks: Iterable[Week], today: date) -> None:
    """As `refresh`, after the numbers of many weeks of the KPI were saved or taken back: each
    baseline that one of them belongs to, once."""
    _lock(kpi_id)
    rows = list(Baseline.objects.filter(kpi=kpi_id))
    first: dict[date | None, Week] = {}
    for week in sorted(weeks, reverse=True):
        begun = [row.from_week for row in rows if row.from_week and row.from_week <= week.monday]
        first[max(begun, default=None)] = week
    for week in first.values():
        _keep(kpi_id, rows, week, today)


@writes
def begin(*, by: Seat, kpi: KPI, from_week: Week, reason: str, today: date) -> Baseline:
    """Begins a new baseline of the KPI with that week and returns it; the limits of the weeks
    before are told from what is left of theirs.

    Raises PermissionDenied unless `by` is a manager of the practice; ValidationError (`from_week`,
    `reason`) with the reason.
    """
    if kpi.practice_id != by.practice.pk or not by.is_manager:
        raise PermissionDenied("Only a manager of the practice begins a new baseline.")
    _check(by, kpi, from_week, reason, today)
    _lock(kpi.pk)
    if Baseline.objects.filter(kpi=kpi, from_week=from_week.monday).exists():
        raise ValidationError({"from_week": "A baseline already begins in this week."})
    begun = Baseline(
        kpi=kpi,
        from_week=from_week.monday,
        reason=reason.strip(),
        begun_at=timezone.now(),
        begun_by=by.user,
    )
    begun.full_clean()
    begun.save()
    # Limits of a calculated KPI are told whenever they are read: other KPIs' numbers move them.
    if not kpi.is_calculated:
        rows = list(Baseline.objects.filter(kpi=kpi))
        _keep(kpi.pk, rows, from_week.previous, today)
        _keep(kpi.pk, rows, from_week, today)
        begun.refresh_from_db()
    return begun


def _check(by: Seat, kpi: KPI, from_week: Week, reason: str, today: date) -> None:
    if kpi.is_archived:
        raise ValidationError({"from_week": f"{kpi.name} is archived and begins no new baseline."})
    if from_week.is_future(today):
        raise ValidationError({"from_week": "This week has not begun yet."})
    if not by.practice.has_begun_by(from_week):
        raise ValidationError({"from_week": f"{by.practice.name} had not begun yet in this week."})
    if not reason.strip():
        raise ValidationError({"reason": "Say why a new baseline begins."})


def _lock(kpi_id: int) -> None:
    """Two numbers of different weeks hold different weeks' locks, and each would miss the other."""
    KPI.objects.select_for_update(no_key=True).only("pk").get(pk=kpi_id)


def _keep(kpi_id: int, rows: Sequence[Baseline], week: Week, today: date) -> None:
    """`rows` are all baselines of the KPI in order; one statement, two where something changes."""
    before = [row for row in rows if row.from_week is None or row.from_week <= week.monday]
    baseline = before[-1] if before else Baseline(kpi_id=kpi_id)
    if baseline.frozen_week is not None and week.monday > baseline.frozen_week:
        return
    later = (row.from_week for row in rows if row.from_week and row.from_week > week.monday)
    kept = _limits(_first_numbers(kpi_id, baseline.from_week, next(later, None), today))
    if kept != (baseline.frozen_week, baseline.mean, baseline.mean_range):
        baseline.frozen_week, baseline.mean, baseline.mean_range = kept
        baseline.save()


def _first_numbers(
    kpi_id: int, start: date | None, end: date | None, today: date
) -> dict[date, Decimal]:
    """By Monday, the first 20 from the start on, before the end; of completed weeks only."""
    numbers = WeeklyEntry.objects.filter(kpi=kpi_id, week__lt=Week.running(today).monday)
    if start is not None:
        numbers = numbers.filter(week__gte=start)
    if end is not None:
        numbers = numbers.filter(week__lt=end)
    return dict(numbers.order_by("week").values_list("week", "value")[:FULL])


def _limits(numbers: dict[date, Decimal]) -> tuple[date | None, float | None, float | None]:
    """The frozen week, the mean and the mean range; None each where they are provisional."""
    if len(numbers) < FULL:
        return None, None, None
    last = max(numbers)
    weeks = Week.range(Week(min(numbers)), Week(last))
    found = limits([numbers.get(week.monday) for week in weeks])
    return (last, found.mean, found.mean_range) if found else (None, None, None)
