from collections.abc import Callable, Iterator, Sequence
from datetime import date

from funnel.domain.tables import Cell
from funnel.domain.weeks import FIRST_MONDAY, Week
from funnel.models import KPI, Practice
from funnel.reports.names import in_files
from funnel.reports.series.loading import EVERYTHING, Ask, load_one
from funnel.reports.series.over_time import Point, over_time
from funnel.reports.series.series import KPIRow, Series


def history_rows(
    practice: Practice,
    kpis: Sequence[KPI],
    slug: str | None,
    *,
    holds: Callable[[Week], bool],
    today: date,
) -> Iterator[tuple[Cell, ...]]:
    """Yield rows by KPI and week; `kpis` are all of the practice. Two queries; numbers are in
    memory, rows are not."""
    names = in_files(kpis)
    ask = Ask(practice, Week(FIRST_MONDAY), Week.running(today), today)
    series = load_one(ask, reach=EVERYTHING, slug=slug)
    found = _by_id(series)
    for kpi in kpis:
        if kpi.pk in found and slug in {None, kpi.slug}:
            for point in over_time(series, found[kpi.pk]).points:
                if holds(point.week):
                    yield _cells(point, names[kpi.pk])


def _by_id(series: Series) -> dict[int, KPIRow]:
    placed = [kpi for _, lineup in series.lineups for kpi in lineup]
    return {kpi.id: kpi for kpi in (*series.others, *placed)}


def _cells(point: Point, name: str) -> tuple[Cell, ...]:
    limits = point.limits
    firm = "frozen" if point.is_fixed else "provisional" if limits else "none yet"
    return (
        str(point.week),
        point.week.monday,
        name,
        point.value,
        point.is_running,
        point.moved,
        limits.mean if limits else None,
        limits.lower if limits else None,
        limits.upper if limits else None,
        limits.range_limit if limits else None,
        firm,
        ", ".join(point.fired),
        point.target,
        point.verdict.value if point.verdict else "",
        point.short.sentence if point.short else "",
    )
