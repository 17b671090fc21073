from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from funnel.access import Seat
from funnel.domain.conversion import both_present, pooled
from funnel.domain.periods import MONTH, QUARTER, Period
from funnel.domain.rollup import Rollup
from funnel.domain.status import Difference, change
from funnel.domain.weeks import Week
from funnel.reports.scorecard.scorecard import (
    OUTSIDE,
    Grid,
    Head,
    Step,
    build_head,
    has_step,
    in_sections,
    last_completed,
    pairs_of,
    rolled_up,
    steps_to,
)
from funnel.reports.series.loading import NOTHING_BEFORE, Ask, load_one
from funnel.reports.series.series import KPIRow, Series

SHOWN = {MONTH: 12, QUARTER: 8}


@dataclass(frozen=True, slots=True)
class PeriodCell:
    """`change` compares sums per recorded week, as months have 4 or 5; rates are fractions."""

    value: Decimal | float | None
    last_year: Decimal | float | None
    change: Difference | None
    recorded: int
    completed: int
    recorded_last_year: int

    @property
    def is_per_week(self) -> bool:
        return self.change is not None and self.recorded != self.recorded_last_year


@dataclass(frozen=True, slots=True)
class PeriodRow:
    is_step: ClassVar[bool] = False

    head: Head
    cells: tuple[PeriodCell, ...]


@dataclass(frozen=True, slots=True)
class PeriodRates:
    """Computed from sums."""

    is_step: ClassVar[bool] = True

    before: str
    name: str
    cells: tuple[PeriodCell, ...]


@dataclass(frozen=True, slots=True)
class PeriodSection:
    name: str
    rows: tuple[PeriodRow | PeriodRates, ...]


@dataclass(frozen=True, slots=True)
class PeriodScorecard:
    """Oldest first."""

    practice_slug: str
    kind: str
    periods: tuple[Period, ...]
    running: Period | None
    sections: tuple[PeriodSection, ...]
    earlier: Week | None
    later: Week | None
    is_latest: bool

    @property
    def unowned(self) -> tuple[Head, ...]:
        rows = (row for section in self.sections for row in section.rows)
        return tuple(r.head for r in rows if isinstance(r, PeriodRow) and r.head.is_unowned)

    @property
    def label(self) -> str:
        return f"{self.periods[0].label} – {self.periods[-1].label}" if self.periods else ""


def build_period_scorecard(
    seat: Seat,
    *,
    kind: str,
    today: date,
    until: Week | None = None,
    with_running: bool = True,
) -> PeriodScorecard:
    """Periods up to `until`, with that week's owners. Two queries, none without periods."""
    practice = seat.practice
    reporting = Week.reporting(today)
    last = last_completed(practice, today, until)
    newest = Period.of(reporting, kind)
    final = Period.of(last, kind)
    asked = [final.plus(-n) for n in range(SHOWN[kind] - 1, -1, -1)]
    shown = tuple(
        period
        for period in asked
        if practice.has_begun_by(period.weeks[-1])
        and practice.has_begun_by(reporting)
        and (with_running or period.is_over(today))
    )
    sections: tuple[PeriodSection, ...] = ()
    if shown:
        weeks = tuple(w for p in shown for w in p.weeks if w <= reporting)
        first = shown[0].a_year_before.weeks[0]
        series = load_one(Ask(practice, first, weeks[-1], today), reach=NOTHING_BEFORE)
        sections = tuple(_sections(Grid(series, weeks, weeks), shown))
    before = shown[0].previous.weeks[-1] if shown else None
    return PeriodScorecard(
        practice_slug=practice.slug,
        kind=kind,
        periods=shown,
        running=shown[-1] if shown and not shown[-1].is_over(today) else None,
        sections=sections,
        earlier=before if before and practice.has_begun_by(before) else None,
        later=None if final == newest else min(final.plus(SHOWN[kind]).weeks[-1], reporting),
        is_latest=final == newest,
    )


def _sections(grid: Grid, periods: Sequence[Period]) -> Iterator[PeriodSection]:
    spans = [
        (
            tuple(week for week in period.weeks if week <= grid.last),
            period.a_year_before.weeks,
        )
        for period in periods
    ]
    for name, kpis in in_sections(grid):
        rows: list[PeriodRow | PeriodRates] = []
        for kpi in kpis:
            if name == "The funnel":
                steps = steps_to(grid.series, kpi, grid.weeks)
                rows.extend(_rates(grid.series, step, spans) for step in steps)
            cells = tuple(_cell(grid.series, kpi, *span) for span in spans)
            rows.append(PeriodRow(build_head(grid, kpi, is_outside=name == OUTSIDE), cells))
        if rows:
            yield PeriodSection(name, tuple(rows))


def _cell(
    series: Series, kpi: KPIRow, weeks: Sequence[Week], a_year_before: Sequence[Week]
) -> PeriodCell:
    both = (weeks, a_year_before)
    now, then = (rolled_up(series, kpi, part, as_sum=True) for part in both)
    # Sums are compared by their weekly average; everything else is per week already.
    is_sum = Rollup.of(kpi.unit, kpi.calculation) == Rollup.SUM
    compared = [rolled_up(series, kpi, part, as_sum=not is_sum) for part in both]
    recorded, recorded_then = (_count(series.column(kpi.id, part)) for part in both)
    return PeriodCell(
        value=now,
        last_year=then,
        change=change(*compared),
        recorded=recorded,
        completed=sum(series.is_reviewed(kpi.id, week) for week in weeks),
        recorded_last_year=recorded_then if is_sum else recorded,
    )


def _rates(
    series: Series,
    step: Step,
    spans: Iterable[tuple[Sequence[Week], Sequence[Week]]],
) -> PeriodRates:
    cells = []
    for weeks, a_year_before in spans:
        pairs = pairs_of(series, step, weeks)
        rate, then = pooled(pairs), pooled(pairs_of(series, step, a_year_before))
        complete = len(both_present(pairs))
        of = sum(has_step(series, step, week) for week in weeks)
        cells.append(PeriodCell(rate, then, change(rate, then), complete, of, complete))
    return PeriodRates(step[0].name, step[1].name, tuple(cells))


def _count(values: Iterable[Decimal | None]) -> int:
    return sum(value is not None for value in values)
