from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

from funnel.access import Seat, load_own
from funnel.domain.conversion import pooled, step_rate
from funnel.domain.numbers import Number
from funnel.domain.periods import total
from funnel.domain.rollup import Rollup, pooled_ratio
from funnel.domain.status import Status
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import MONTHS, Week
from funnel.models import Practice
from funnel.reports.series.loading import Ask, load_one
from funnel.reports.series.series import KPIRow, Series

WEEKS = 13
SHORT = 4
# Heading of KPIs not reviewed in the last week.
OUTSIDE = "Not in the meeting"
# Two consecutive stages.
Step = tuple[KPIRow, KPIRow]
RECENT = 3


@dataclass(frozen=True, slots=True)
class Head:
    """`recent` is oldest first."""

    slug: str
    name: str
    unit: str
    currency: str
    role: str
    owner: str | None
    is_calculated: bool
    is_outside: bool
    target: Decimal | None
    recent: tuple[Status, ...]
    rollup: Rollup

    @property
    def is_unowned(self) -> bool:
        """In use without an owner."""
        return self.owner is None and not self.is_outside

    @property
    def has_sum(self) -> bool:
        return self.rollup == Rollup.SUM


@dataclass(frozen=True, slots=True)
class ScorecardCell:
    """`target` is that week's; `status` is None if not reviewed; `run` is a side or ""."""

    value: Decimal | None
    target: Decimal | None
    status: Status | None
    verdict: Verdict | None
    is_news: bool
    run: str
    note: str
    is_corrected: bool
    seen_value: Decimal | None
    may_enter: bool

    @property
    def is_marked(self) -> bool:
        return self.is_news and self.verdict in {Verdict.WORSE, Verdict.DIFFERENT}


@dataclass(frozen=True, slots=True)
class ScorecardRow:
    """Averages of completed weeks; `total` is None if a sum makes no sense."""

    is_step: ClassVar[bool] = False

    head: Head
    cells: tuple[ScorecardCell, ...]
    average_4: Decimal | None
    average_13: Decimal | None
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class RateRow:
    """Fractions; averages are computed from sums."""

    is_step: ClassVar[bool] = True

    before: str
    name: str
    rates: tuple[float | None, ...]
    is_step_in: tuple[bool, ...]
    average_4: float | None
    average_13: float | None


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    rows: tuple[ScorecardRow | RateRow, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """At most 13 completed weeks, oldest first, then the running one."""

    practice_slug: str
    weeks: tuple[Week, ...]
    running: Week | None
    short: frozenset[Week]
    sections: tuple[Section, ...]
    earlier: Week | None
    later: Week | None
    is_latest: bool

    @property
    def unowned(self) -> tuple[Head, ...]:
        return tuple(head for head in heads(self.sections) if head.is_unowned)

    @property
    def label(self) -> str:
        completed = [week for week in self.weeks if week != self.running] or self.weeks
        return span_label(completed[0], completed[-1]) if completed else ""


def heads(sections: Sequence[Section]) -> Iterator[Head]:
    """Heads of KPI rows."""
    for section in sections:
        for row in section.rows:
            if isinstance(row, ScorecardRow):
                yield row.head


def span_label(first: Week, last: Week) -> str:
    """For example "Aug 24 – Nov 22, 2026"."""
    began, ended = first.monday, last.sunday
    year = f", {began.year}" if began.year != ended.year else ""
    return f"{first.short_label}{year} – {MONTHS[ended.month - 1]} {ended.day}, {ended.year}"


def last_completed(practice: Practice, today: date, until: Week | None) -> Week:
    """`until` if completed and in use, else the reporting week."""
    reporting = Week.reporting(today)
    if until is None or until > reporting or not practice.has_begun_by(until):
        return reporting
    return until


def build_scorecard(
    seat: Seat,
    *,
    today: date,
    until: Week | None = None,
    with_running: bool = True,
    enters: frozenset[str] | None = None,
) -> Scorecard:
    """13 completed weeks up to `until`; `enters` are own slugs.

    Two queries, three for a member without `enters`, none without weeks.
    """
    practice = seat.practice
    reporting = Week.reporting(today)
    last = last_completed(practice, today, until)
    completed = tuple(w for w in (*last.back(WEEKS - 1), last) if practice.has_begun_by(w))
    is_latest = last == reporting
    running = last.next if is_latest and with_running else None
    weeks = (*completed, running) if running else completed
    before = completed[0].previous if completed else None
    sections: tuple[Section, ...] = ()
    short: frozenset[Week] = frozenset()
    if weeks:
        series = load_one(Ask(practice, weeks[0], weeks[-1], today), with_notes=True)
        grid = Grid(series, weeks, completed, _entered_by(seat, today, enters))
        sections = tuple(_sections(grid))
        short = frozenset(week for week in weeks if week in series.short)
    return Scorecard(
        practice_slug=practice.slug,
        weeks=weeks,
        running=running,
        short=short,
        sections=sections,
        earlier=before if before and practice.has_begun_by(before) else None,
        later=None if is_latest else min(last.plus(WEEKS), reporting),
        is_latest=is_latest,
    )


def _entered_by(seat: Seat, today: date, own: frozenset[str] | None) -> frozenset[str] | None:
    if seat.is_manager:
        return None
    return load_own(seat, today) if own is None else own


@dataclass(frozen=True, slots=True)
class Grid:
    series: Series
    weeks: tuple[Week, ...]
    completed: tuple[Week, ...]
    enters: frozenset[str] | None = frozenset()

    @property
    def last(self) -> Week:
        return self.completed[-1] if self.completed else self.weeks[0]


def build_head(grid: Grid, kpi: KPIRow, *, is_outside: bool) -> Head:
    """As of the last completed week."""
    series, recent = grid.series, grid.completed[-RECENT:]
    targets = series.targets_of(kpi.id, recent)
    owner = series.owner(kpi, series.review_day(grid.last))
    return Head(
        slug=kpi.slug,
        name=kpi.name,
        unit=kpi.unit,
        currency=series.practice.currency,
        role=kpi.role,
        owner=owner.name if owner else None,
        is_calculated=kpi.is_calculated,
        is_outside=is_outside,
        target=targets[-1] if targets else None,
        recent=tuple(
            Status.of(value, target, higher_is_better=kpi.higher_is_better, in_progress=False)
            for week, value, target in zip(
                recent, series.column(kpi.id, recent), targets, strict=True
            )
            if series.is_reviewed(kpi.id, week)
        ),
        rollup=Rollup.of(kpi.unit, kpi.calculation),
    )


def in_sections(grid: Grid) -> Iterator[tuple[str, list[KPIRow]]]:
    """Sections of the last lineup, then other KPIs with numbers."""
    lineup = grid.series.lineup(grid.last)
    if not grid.completed and not lineup:
        lineup = grid.series.lineup(grid.weeks[-1])
    yield "The funnel", [kpi for kpi in lineup if kpi.is_stage]
    beside = [kpi for kpi in lineup if not kpi.is_stage]
    groups: dict[int, list[KPIRow]] = {}
    for kpi in beside:
        if kpi.group_id is not None:
            groups.setdefault(kpi.group_id, []).append(kpi)
    for group in groups.values():
        yield group[0].group or "", group
    rest = [kpi for kpi in beside if kpi.group_id is None]
    yield "Other numbers" if groups else "Beside the funnel", rest
    yield OUTSIDE, _outside(grid, {kpi.id for kpi in lineup})


def _outside(grid: Grid, reviewed: set[int]) -> list[KPIRow]:
    """Archiving today changes no earlier scorecard."""
    found: dict[int, KPIRow] = {}
    for week in grid.completed:
        for kpi in grid.series.lineup(week):
            if kpi.id not in reviewed:
                found[kpi.id] = kpi
    for kpi in (*grid.series.others, *grid.series.lineup(grid.weeks[-1])):
        if kpi.id not in reviewed and any(
            value is not None for value in grid.series.column(kpi.id, grid.weeks)
        ):
            found.setdefault(kpi.id, kpi)
    return list(found.values())


def _ids(series: Series, week: Week) -> set[int]:
    return {kpi.id for kpi in series.lineup(week)}


def rolled_up(
    series: Series, kpi: KPIRow, weeks: Sequence[Week], *, as_sum: bool
) -> Decimal | None:
    """Total, pooled ratio or mean; short weeks count in sums only."""
    rollup = Rollup.of(kpi.unit, kpi.calculation)
    take = series.column if as_sum else series.full_weeks
    if rollup == Rollup.POOLED:
        columns = (take(part, weeks) for part in kpi.parts)
        return pooled_ratio(zip(*columns, strict=True), as_percent=kpi.as_percent)
    if as_sum and rollup == Rollup.SUM:
        return total(series.column(kpi.id, weeks))
    return series.average(kpi.id, weeks)


def _sections(grid: Grid) -> Iterator[Section]:
    for name, kpis in in_sections(grid):
        rows: list[ScorecardRow | RateRow] = []
        for kpi in kpis:
            if name == "The funnel":
                steps = steps_to(grid.series, kpi, grid.completed or grid.weeks)
                rows.extend(_rate_row(grid, step) for step in steps)
            rows.append(_row(grid, kpi, is_outside=name == OUTSIDE))
        if rows:
            yield Section(name, tuple(rows))


def _row(grid: Grid, kpi: KPIRow, *, is_outside: bool) -> ScorecardRow:
    series, completed = grid.series, grid.completed
    known = dict(zip(completed, _outcomes(grid, kpi), strict=True))
    cells = [_cell(grid, kpi, week, known.get(week)) for week in grid.weeks]
    has_sum = Rollup.of(kpi.unit, kpi.calculation) == Rollup.SUM
    return ScorecardRow(
        head=build_head(grid, kpi, is_outside=is_outside),
        cells=tuple(cells),
        average_4=rolled_up(series, kpi, completed[-SHORT:], as_sum=False),
        average_13=rolled_up(series, kpi, completed, as_sum=False),
        total=rolled_up(series, kpi, completed, as_sum=True) if has_sum else None,
    )


def _outcomes(grid: Grid, kpi: KPIRow) -> list[tuple[Verdict, bool, str]]:
    readings = grid.series.readings(kpi, grid.completed)
    outcomes = grid.series.outcomes(kpi, grid.completed)
    return [
        (
            outcome.verdict,
            outcome.is_news,
            "" if reading.run is None else "above" if reading.run.is_high else "below",
        )
        for reading, outcome in zip(readings, outcomes, strict=True)
    ]


def _cell(
    grid: Grid, kpi: KPIRow, week: Week, known: tuple[Verdict, bool, str] | None
) -> ScorecardCell:
    series = grid.series
    value, target = series.value(kpi.id, week), series.target(kpi.id, week)
    remark = series.remark(kpi.id, week)
    verdict, is_news, run = known or (None, False, "")
    is_in_lineup = kpi.id in _ids(series, week)
    is_told = series.is_reviewed(kpi.id, week)
    may_enter = grid.enters is None or kpi.slug in grid.enters
    may_enter = may_enter and not kpi.is_calculated and (is_in_lineup or not kpi.is_archived)
    return ScorecardCell(
        value=value,
        target=target,
        status=Status.of(
            value,
            target,
            higher_is_better=kpi.higher_is_better,
            in_progress=week.is_running(series.today),
        )
        if is_told
        else None,
        verdict=verdict,
        is_news=is_news,
        run=run,
        note=remark.note,
        is_corrected=remark.is_corrected,
        seen_value=remark.seen,
        may_enter=may_enter and is_told and week not in series.closed,
    )


def steps_to(series: Series, kpi: KPIRow, weeks: Sequence[Week]) -> list[Step]:
    """Steps into the stage, the current one last."""
    found: dict[int, Step] = {}
    for week in reversed(weeks):
        for step in pairwise(series.stages(week)):
            if step[1].id == kpi.id:
                found.setdefault(step[0].id, step)
    return list(reversed(found.values()))


def has_step(series: Series, step: Step, week: Week) -> bool:
    """Whether the stages were adjacent."""
    before, kpi = (it.id for it in step)
    return (before, kpi) in pairwise(it.id for it in series.stages(week))


def pairs_of(
    series: Series, step: Step, weeks: Sequence[Week], *, is_full: bool = False
) -> list[tuple[Number | None, Number | None]]:
    """(later, earlier stage) by week; None without the step and, if `is_full`, in short weeks."""
    take = series.full_weeks if is_full else series.column
    before, kpi = (take(it.id, weeks) for it in step)
    return [
        (number, base) if has_step(series, step, week) else (None, None)
        for week, number, base in zip(weeks, kpi, before, strict=True)
    ]


def _rate_row(grid: Grid, step: Step) -> RateRow:
    pairs = pairs_of(grid.series, step, grid.completed)
    full = pairs_of(grid.series, step, grid.completed, is_full=True)
    rates = [step_rate(number, base) for number, base in pairs]
    return RateRow(
        before=step[0].name,
        name=step[1].name,
        rates=(*rates, *([None] * (len(grid.weeks) - len(pairs)))),
        is_step_in=tuple(has_step(grid.series, step, week) for week in grid.weeks),
        average_4=pooled(full[-SHORT:]),
        average_13=pooled(full),
    )
