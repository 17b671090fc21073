"""The scorecard: every KPI of a practice over thirteen weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise

from funnel.access import Seat
from funnel.domain.conversion import pooled, step_rate
from funnel.domain.numbers import Number
from funnel.domain.periods import average, total
from funnel.domain.rollup import Rollup, pooled_ratio
from funnel.domain.status import Status
from funnel.domain.weeks import MONTHS, Week
from funnel.models import KPI, Practice
from funnel.reports.scorecard.figures import Counted, Numbers, load_numbers

WEEKS = 13
SHORT = 4
RECENT = 3


@dataclass(frozen=True, slots=True)
class Head:
    """Whose row it is. `owner` is None where no one owns the KPI, `target` (of a week) the one in
    force in the last completed week shown. `recent` has the status of the last three completed
    weeks, oldest first. `currency` is for money."""

    slug: str
    name: str
    unit: str
    currency: str
    role: str
    owner: str | None
    is_calculated: bool
    is_archived: bool
    target: Decimal | None
    recent: tuple[Status, ...]
    rollup: Rollup

    @property
    def is_unowned(self) -> bool:
        """No one answers for it, though it is in use."""
        return self.owner is None and not self.is_archived


@dataclass(frozen=True, slots=True)
class Cell:
    """A KPI's number of one week against `target`, the one in force that week; None: missing.

    `signals` are the rules the week completes. `is_corrected`, `seen_value` and `note` are the
    entry's. `may_enter`: the reader may enter or correct it.
    """

    value: Decimal | None
    target: Decimal | None
    status: Status
    signals: tuple[str, ...]
    note: str
    is_corrected: bool
    seen_value: Decimal | None
    may_enter: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A KPI over the weeks. The averages are of the last 4 and 13 completed weeks, of what was
    recorded; `total` is None also where a sum makes no sense, by `head.rollup`."""

    head: Head
    cells: tuple[Cell, ...]
    average_4: Decimal | None
    average_13: Decimal | None
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class RateRow:
    """What went on from one stage to the next, in fractions; None where it cannot be said and in a
    running week. The averages are sum by sum."""

    before: str
    name: str
    rates: tuple[float | None, ...]
    average_4: float | None
    average_13: float | None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading, which is "" for a heading that says nothing."""

    name: str
    rows: tuple[Row | RateRow, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Thirteen completed weeks at most, oldest first, and where they are the last ones the running
    week behind them. No week stands here that ended before the practice began.

    `earlier` and `later` are the last weeks of the scorecards before and after, None where there is
    none.
    """

    practice_slug: str
    weeks: tuple[Week, ...]
    running: Week | None
    sections: tuple[Section, ...]
    earlier: Week | None
    later: Week | None
    is_latest: bool

    @property
    def unowned(self) -> tuple[Head, ...]:
        """The KPIs no one answers for."""
        return tuple(head for head in heads(self.sections) if head.is_unowned)

    @property
    def label(self) -> str:
        """From the first day to the last, as in "Aug 24 – Nov 22, 2026"."""
        completed = [week for week in self.weeks if week != self.running] or self.weeks
        return span_label(completed[0], completed[-1]) if completed else ""


def heads(sections: Sequence[Section]) -> Iterator[Head]:
    """The heads of the rows that have one."""
    for section in sections:
        for row in section.rows:
            if isinstance(row, Row):
                yield row.head


def span_label(first: Week, last: Week) -> str:
    """From the first day to the last, with the year of each where they differ."""
    began, ended = first.monday, last.sunday
    year = f", {began.year}" if began.year != ended.year else ""
    return f"{first.short_label}{year} – {MONTHS[ended.month - 1]} {ended.day}, {ended.year}"


def last_completed(practice: Practice, today: date, until: Week | None) -> Week:
    """The last completed week to show: the one asked for, else the reporting week. A week that is
    not over, or was over before the practice began, is not one to ask for."""
    reporting = Week.reporting(today)
    if until is None or until > reporting or not practice.has_begun_by(until):
        return reporting
    return until


def build_scorecard(
    seat: Seat, *, today: date, until: Week | None = None, with_running: bool = True
) -> Scorecard:
    """The scorecard of the 13 completed weeks up to that one, by default the last there is, for
    that reader, with the owners as on the board of its last week. Three queries, none without a
    week to show."""
    practice = seat.practice
    reporting = Week.reporting(today)
    last = last_completed(practice, today, until)
    completed = tuple(w for w in (*last.back(WEEKS - 1), last) if practice.has_begun_by(w))
    is_latest = last == reporting
    running = last.next if is_latest and with_running else None
    weeks = (*completed, running) if running else completed
    before = completed[0].previous if completed else None
    sections: tuple[Section, ...] = ()
    if weeks:
        numbers = load_numbers(
            seat,
            weeks,
            first=weeks[0],
            review_day=last.review_day(today),
            today=today,
            with_signals=True,
        )
        grid = _Grid(numbers, weeks, completed, practice.currency, reporting)
        sections = tuple(_sections(grid))
    return Scorecard(
        practice_slug=practice.slug,
        weeks=weeks,
        running=running,
        sections=sections,
        earlier=before if before and practice.has_begun_by(before) else None,
        later=None if is_latest else min(last.plus(WEEKS), reporting),
        is_latest=is_latest,
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    numbers: Numbers
    weeks: tuple[Week, ...]
    completed: tuple[Week, ...]
    currency: str
    reporting: Week


def build_head(numbers: Numbers, kpi: Counted, completed: Sequence[Week], currency: str) -> Head:
    """The head of the KPI's row, told by the last of those completed weeks. No query."""
    recent = completed[-RECENT:]
    targets = numbers.targets_of(kpi, recent)
    return Head(
        slug=kpi.slug,
        name=kpi.name,
        unit=kpi.unit,
        currency=currency,
        role=kpi.role,
        owner=kpi.owner,
        is_calculated=kpi.source is not None,
        is_archived=kpi.is_archived,
        target=targets[-1] if targets else None,
        recent=tuple(
            Status.of(value, target, higher_is_better=kpi.higher_is_better, in_progress=False)
            for value, target in zip(numbers.column(kpi.id, recent), targets, strict=True)
        ),
        rollup=Rollup.of(kpi.unit, kpi.calculation),
    )


def in_sections(kpis: Sequence[Counted]) -> Iterator[tuple[str, list[Counted]]]:
    """The KPIs by heading: the funnel, each group, those without one, the archived ones."""
    in_use = [kpi for kpi in kpis if not kpi.is_archived]
    beside = [kpi for kpi in in_use if kpi.stage is None]
    grouped = sorted(
        (kpi for kpi in beside if kpi.group is not None), key=lambda kpi: kpi.group_place
    )
    yield "The funnel", [kpi for kpi in in_use if kpi.stage is not None]
    for _, members in groupby(grouped, key=lambda kpi: kpi.group_place):
        group = list(members)
        yield group[0].group or "", group
    rest = [kpi for kpi in beside if kpi.group is None]
    yield "Other numbers" if grouped else "Beside the funnel", rest
    yield "Archived", [kpi for kpi in kpis if kpi.is_archived]


def rolled_up(
    numbers: Numbers, kpi: Counted, weeks: Sequence[Week], *, as_sum: bool
) -> Decimal | None:
    """What the KPI's recorded weeks among those come to: where a sum makes sense their sum or their
    mean, a ratio told from its sums, else their mean. None when none was recorded. No query."""
    rollup = Rollup.of(kpi.unit, kpi.calculation)
    if rollup == Rollup.POOLED:
        columns = (numbers.column(part, weeks) for part in (kpi.source, kpi.divisor))
        return pooled_ratio(zip(*columns, strict=True), as_percent=kpi.unit == KPI.Unit.PERCENT)
    values = numbers.column(kpi.id, weeks)
    return total(values) if as_sum and rollup == Rollup.SUM else average(values)


def _sections(grid: _Grid) -> Iterator[Section]:
    for name, kpis in in_sections(grid.numbers.kpis):
        rows: list[Row | RateRow] = [_row(grid, kpi) for kpi in kpis]
        if name == "The funnel":
            steps = [_rate_row(grid, before, kpi) for before, kpi in pairwise(kpis)]
            rows = [row for pair in _zipped(rows, steps) for row in pair]
        if rows:
            yield Section(name, tuple(rows))


def _zipped(
    rows: Sequence[Row | RateRow], steps: Sequence[RateRow]
) -> Iterator[tuple[Row | RateRow, ...]]:
    """Each stage after the step that leads to it."""
    for place, row in enumerate(rows):
        yield (steps[place - 1], row) if place else (row,)


def _row(grid: _Grid, kpi: Counted) -> Row:
    numbers, completed = grid.numbers, grid.completed
    values = numbers.column(kpi.id, grid.weeks)
    targets = numbers.targets_of(kpi, grid.weeks)
    signals = [*numbers.signals(kpi, completed, grid.reporting), ()]
    cells = []
    for week, value, target, fired in zip(grid.weeks, values, targets, signals, strict=False):
        monday = week.monday.isoformat()
        remark = numbers.remarks.get((kpi.id, monday))
        cells.append(
            Cell(
                value=value,
                target=target,
                status=Status.of(
                    value,
                    target,
                    higher_is_better=kpi.higher_is_better,
                    in_progress=week > grid.reporting,
                ),
                signals=fired,
                note=remark.note if remark else "",
                is_corrected=remark.is_corrected if remark else False,
                seen_value=remark.seen if remark else None,
                may_enter=kpi.may_enter and monday not in numbers.closed,
            )
        )
    has_sum = Rollup.of(kpi.unit, kpi.calculation) == Rollup.SUM
    return Row(
        head=build_head(numbers, kpi, completed, grid.currency),
        cells=tuple(cells),
        average_4=rolled_up(numbers, kpi, completed[-SHORT:], as_sum=False),
        average_13=rolled_up(numbers, kpi, completed, as_sum=False),
        total=rolled_up(numbers, kpi, completed, as_sum=True) if has_sum else None,
    )


def pairs_of(
    numbers: Numbers, before: Counted, kpi: Counted, weeks: Sequence[Week]
) -> list[tuple[Number | None, Number | None]]:
    """What went on and what it went on from, week by week. No query."""
    return list(zip(numbers.column(kpi.id, weeks), numbers.column(before.id, weeks), strict=True))


def _rate_row(grid: _Grid, before: Counted, kpi: Counted) -> RateRow:
    pairs = pairs_of(grid.numbers, before, kpi, grid.completed)
    rates = [step_rate(number, base) for number, base in pairs]
    return RateRow(
        before=before.name,
        name=kpi.name,
        rates=(*rates, *([None] * (len(grid.weeks) - len(pairs)))),
        average_4=pooled(pairs[-SHORT:]),
        average_13=pooled(pairs),
    )
