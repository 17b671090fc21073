"""The scorecard as a table: a row a KPI, a column a week."""

from collections.abc import Iterator, Sequence
from datetime import date

from funnel.access import Seat
from funnel.domain.conversion import pooled, step_rate
from funnel.domain.rollup import Rollup
from funnel.domain.tables import Cell, Column, Table, named
from funnel.domain.weeks import Week
from funnel.reports.scorecard.figures import Counted, Numbers, load_numbers
from funnel.reports.scorecard.scorecard import (
    WEEKS,
    in_sections,
    last_completed,
    pairs_of,
    rolled_up,
)

HEADS = named("Group, KPI, Role, Owner, Unit, Target, Average, Total")


def scorecard_table(seat: Seat, first: Week | None, last: Week | None, *, today: date) -> Table:
    """Every KPI over the completed weeks from the first to the last, by default the last 13, and
    the steps between the stages in percent. Owner and target are those of the last week. Two
    queries, none without a week."""
    practice = seat.practice
    until = last_completed(practice, today, last)
    since = first or until.plus(1 - WEEKS)
    begun = max(since, Week.of(practice.began_on))
    weeks = Week.range(begun, until)
    columns = (*HEADS, *(Column(str(week), str(week)) for week in weeks))
    rows: Iterator[tuple[Cell, ...]] = iter(())
    if weeks:
        numbers = load_numbers(
            seat,
            weeks,
            first=weeks[0],
            review_day=until.review_day(today),
            today=today,
            with_signals=False,
        )
        rows = _rows(numbers, weeks)
    return Table("Scorecard", columns, rows)


def _rows(numbers: Numbers, weeks: Sequence[Week]) -> Iterator[tuple[Cell, ...]]:
    for section, kpis in in_sections(numbers.kpis):
        before: Counted | None = None
        for kpi in kpis:
            if before is not None and kpi.stage is not None and not kpi.is_archived:
                yield _step(numbers, section, (before, kpi), weeks)
            yield _row(numbers, section, kpi, weeks)
            before = kpi


def _row(numbers: Numbers, section: str, kpi: Counted, weeks: Sequence[Week]) -> tuple[Cell, ...]:
    has_sum = Rollup.of(kpi.unit, kpi.calculation) == Rollup.SUM
    return (
        section,
        kpi.name,
        kpi.role,
        kpi.owner,
        kpi.unit,
        numbers.targets_of(kpi, weeks[-1:])[0],
        rolled_up(numbers, kpi, weeks, as_sum=False),
        rolled_up(numbers, kpi, weeks, as_sum=True) if has_sum else None,
        *numbers.column(kpi.id, weeks),
    )


def _step(
    numbers: Numbers, section: str, step: tuple[Counted, Counted], weeks: Sequence[Week]
) -> tuple[Cell, ...]:
    before, kpi = step
    pairs = pairs_of(numbers, before, kpi, weeks)
    rates = [_percent(step_rate(number, base)) for number, base in pairs]
    name = f"{before.name} to {kpi.name.lower()}"
    return (section, name, None, None, "percent", None, _percent(pooled(pairs)), None, *rates)


def _percent(rate: float | None) -> float | None:
    return None if rate is None else rate * 100
