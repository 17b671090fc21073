"""Every KPI over time as rows of a table, as `reports.history` tells one of them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from funnel.domain.tables import Cell
from funnel.domain.variation import Limits, moving_ranges
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, Target, WeeklyEntry
from funnel.reports.names import in_files
from funnel.reports.series.behaviour import behave, load_starts
from funnel.reports.series.figures import calculate, in_force

Values = Mapping[int, Mapping[str, Decimal]]


def history_rows(
    practice: Practice,
    kpis: Sequence[KPI],
    slug: str | None,
    *,
    holds: Callable[[Week], bool],
    today: date,
) -> Iterator[tuple[Cell, ...]]:
    """The rows of the KPI of that slug, None: of all, week by week from its first number on; those
    of weeks that `holds`. `kpis` are all of the practice. Three queries. The numbers of all weeks
    are held, because each moves the limits; the rows are not."""
    names = in_files(kpis)
    shown = [kpi for kpi in kpis if slug is None or kpi.slug == slug]
    starts = load_starts([kpi.pk for kpi in shown])
    values, targets = _load_numbers(practice, shown)
    for kpi in shown:
        told = _told(kpi, values)
        if not told:
            continue
        last_day = kpi.archived_at.astimezone(practice.zone).date() if kpi.archived_at else today
        weeks = Week.range(Week(date.fromisoformat(min(told))), Week.of(last_day))
        column = [told.get(week.monday.isoformat()) for week in weeks]
        over = sum(week.sunday < today for week in weeks)
        behaviour = behave(weeks[:over], column[:over], starts.get(kpi.pk, ()))
        ranges = moving_ranges(column[:over])
        aims = in_force(targets.get(kpi.pk, ()), weeks)
        for at, week in enumerate(weeks):
            if not holds(week):
                continue
            is_over = at < over
            yield (
                str(week),
                week.monday,
                names[kpi.pk],
                column[at],
                not is_over,
                ranges[at] if is_over else None,
                *_limits(behaviour.limits[at] if is_over else None),
                ", ".join(behaviour.fired[at]) if is_over else "",
                aims[at],
            )


def _limits(found: Limits | None) -> tuple[Cell, ...]:
    """Mean, lower (below 0 where it is), upper and range limit, and how firm they are."""
    if found is None:
        return None, None, None, None, "none yet"
    firm = "frozen" if found.is_frozen else "provisional"
    return found.mean, found.lower, found.upper, found.range_limit, firm


def _load_numbers(
    practice: Practice, kpis: Sequence[KPI]
) -> tuple[dict[int, dict[str, Decimal]], dict[int, list[tuple[str, Decimal]]]]:
    """Values and targets by KPI, both by Monday in ISO form. Two queries."""
    told_by = {part for kpi in kpis for part in (kpi.source_id or kpi.pk, kpi.divisor_id) if part}
    entries = WeeklyEntry.objects.filter(practice=practice, kpi__in=told_by).order_by()
    values: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for kpi_id, monday, value in entries.values_list("kpi_id", "week", "value").iterator():
        values[kpi_id][monday.isoformat()] = value
    targets: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = Target.objects.filter(kpi__in=[kpi.pk for kpi in kpis]).order_by("from_week")
    for kpi_id, monday, value in rows.values_list("kpi_id", "from_week", "value"):
        targets[kpi_id].append((monday.isoformat(), value))
    return values, targets


def _told(kpi: KPI, values: Values) -> Mapping[str, Decimal]:
    """The KPI's own numbers by Monday, calculated where it is."""
    if kpi.source_id is None:
        return values.get(kpi.pk, {})
    source, divisor = values.get(kpi.source_id, {}), values.get(kpi.divisor_id or 0, {})
    return calculate(source, divisor, kpi.window, as_percent=kpi.unit == KPI.Unit.PERCENT)
