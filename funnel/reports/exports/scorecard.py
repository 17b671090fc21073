from collections.abc import Iterator
from datetime import date

from funnel.access import Seat
from funnel.domain.conversion import pooled, step_rate
from funnel.domain.rollup import Rollup
from funnel.domain.tables import Cell, Column, Table, named
from funnel.domain.weeks import Week
from funnel.reports.scorecard.scorecard import (
    WEEKS,
    Grid,
    Step,
    in_sections,
    last_completed,
    pairs_of,
    rolled_up,
    steps_to,
)
from funnel.reports.series.loading import NOTHING_BEFORE, Ask, load_one
from funnel.reports.series.series import KPIRow

HEADS = named("Group, KPI, Role, Owner, Unit, Target, Average, Total")


def scorecard_table(seat: Seat, first: Week | None, last: Week | None, *, today: date) -> Table:
    """Return KPIs and step rates (percent) with the last week's owners and targets. Two queries,
    none without weeks."""
    practice = seat.practice
    until = last_completed(practice, today, last)
    since = first or until.plus(1 - WEEKS)
    begun = max(since, practice.first_week)
    weeks = Week.range(begun, until)
    columns = (*HEADS, *(Column(str(week), str(week)) for week in weeks))
    rows: Iterator[tuple[Cell, ...]] = iter(())
    if weeks:
        series = load_one(Ask(practice, weeks[0], weeks[-1], today), reach=NOTHING_BEFORE)
        rows = _rows(Grid(series, weeks, weeks))
    return Table("Scorecard", columns, rows)


def _rows(grid: Grid) -> Iterator[tuple[Cell, ...]]:
    for section, kpis in in_sections(grid):
        for kpi in kpis:
            if section == "The funnel":
                yield from (
                    _step(grid, section, step) for step in steps_to(grid.series, kpi, grid.weeks)
                )
            yield _row(grid, section, kpi)


def _row(grid: Grid, section: str, kpi: KPIRow) -> tuple[Cell, ...]:
    series, weeks = grid.series, grid.weeks
    has_sum = Rollup.of(kpi.unit, kpi.calculation) == Rollup.SUM
    owner = series.owner(kpi, series.review_day(grid.last))
    return (
        section,
        kpi.name,
        kpi.role,
        owner.name if owner else None,
        kpi.unit,
        series.target(kpi.id, grid.last),
        rolled_up(series, kpi, weeks, as_sum=False),
        rolled_up(series, kpi, weeks, as_sum=True) if has_sum else None,
        *series.column(kpi.id, weeks),
    )


def _step(grid: Grid, section: str, step: Step) -> tuple[Cell, ...]:
    pairs = pairs_of(grid.series, step, grid.weeks)
    rates = [_percent(step_rate(number, base)) for number, base in pairs]
    average = pooled(pairs_of(grid.series, step, grid.weeks, is_full=True))
    name = f"{step[0].name} to {step[1].name.lower()}"
    return (section, name, None, None, "percent", None, _percent(average), None, *rates)


def _percent(rate: float | None) -> float | None:
    return None if rate is None else rate * 100
