from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, zip_longest
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from funnel.access import Seat
from funnel.domain.conversion import pooled, step_rate
from funnel.domain.rollup import Rollup
from funnel.domain.tables import Cell, Column, Table, named
from funnel.domain.weeks import FIRST_MONDAY, LAST_MONDAY, Week
from funnel.models import KPI, FollowUp, Place, Practice, WeeklyEntry
from funnel.models.lineup import position_then
from funnel.reports.names import called, in_files
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
from funnel.reports.series.loading import EVERYTHING, NOTHING_BEFORE, Ask, load_one
from funnel.reports.series.over_time import Point, over_time
from funnel.reports.series.series import KPIRow, Series
from funnel.reports.setup.responsibilities import Responsibility, Tenure, build_responsibilities

# Rows fetched at a time, so that memory does not grow with the number of years.
CHUNK = 500

# The first four are the long form read by imports, which ignore the others.
ENTRIES = named(
    "Week, KPI, Value, Note, Monday, Unit, Entered by, Entered for, Reason, Corrected, Seen value"
)
WEEK_AND_MONDAY = named("Week, Monday")
HISTORY = named(
    "Week, Monday, KPI, Value, In progress, Moving range, Mean, Lower limit, Upper limit, "
    "Range limit, Limits, Signals, Target, Verdict, Short week"
)
FOLLOW_UPS = named(
    "Week, Promised, Follow-up, KPI, Owner, Due, State, Ended, Ended by, Dropped because"
)
SCORECARD = named("Group, KPI, Role, Owner, Unit, Target, Average, Total")
RESPONSIBILITIES = named("KPI, Role, Duty, Person, From, To, Today, Problem")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Weeks are inclusive; None means unbounded."""

    first: Week | None = None
    last: Week | None = None
    kpi: str | None = None

    @property
    def mondays(self) -> tuple[date, date]:
        return (
            self.first.monday if self.first else FIRST_MONDAY,
            self.last.monday if self.last else LAST_MONDAY,
        )

    def holds(self, week: Week) -> bool:
        first, last = self.mondays
        return first <= week.monday <= last


def build_entries(seat: Seat, asked: ExportRequest, *, today: date) -> Table:
    """One number per row. Two queries, when rows are read."""
    return Table("Entries", ENTRIES, _entry_rows(seat.practice, asked))


def build_entries_wide(seat: Seat, asked: ExportRequest, *, today: date) -> Table:
    """A row per week, a column per KPI. Three queries, the last when rows are read."""
    practice = seat.practice
    recorded = WeeklyEntry.objects.between(*asked.mondays).filter(kpi=OuterRef("pk"))
    every = list(_kpis_then(practice, asked).annotate(has_numbers=Exists(recorded)))
    kpis = [
        kpi
        for kpi in every
        if kpi.has_numbers or (kpi.position is not None and not kpi.is_calculated)
    ]
    names = in_files(every)
    columns = (*WEEK_AND_MONDAY, *(Column(names[kpi.pk], kpi.slug) for kpi in kpis))
    return Table("Entries", columns, _wide_rows(practice, asked, [kpi.pk for kpi in kpis]))


def build_history_table(seat: Seat, asked: ExportRequest, *, today: date) -> Table | None:
    """None for an unknown KPI. Four queries, two when rows are read."""
    kpis = list(_kpis_then(seat.practice, asked))
    if asked.kpi is not None and asked.kpi not in {kpi.slug for kpi in kpis}:
        return None
    rows = _history_rows(seat.practice, kpis, asked.kpi, holds=asked.holds, today=today)
    return Table("History", HISTORY, rows)


def build_follow_up_table(seat: Seat, asked: ExportRequest, *, today: date) -> Table:
    """One query, when rows are read."""
    return Table("Follow-ups", FOLLOW_UPS, _follow_up_rows(seat.practice, asked, today))


def build_responsibility_table(seat: Seat, asked: ExportRequest, *, today: date) -> Table:
    """All owners and stand-ins. Five queries."""
    report = build_responsibilities(seat.practice, today=today)
    lines = (*report.problems, *report.settled)
    rows = (row for line in lines for row in _duties(line, today))
    return Table("Responsibilities", RESPONSIBILITIES, rows)


def build_scorecard_table(seat: Seat, asked: ExportRequest, *, today: date) -> Table:
    """KPIs and step rates (percent), by default of 13 weeks. Two queries, none without weeks."""
    practice = seat.practice
    until = last_completed(practice, today, asked.last)
    since = asked.first or until.plus(1 - WEEKS)
    begun = max(since, practice.first_week)
    weeks = Week.range(begun, until)
    columns = (*SCORECARD, *(Column(str(week), str(week)) for week in weeks))
    rows: Iterator[tuple[Cell, ...]] = iter(())
    if weeks:
        series = load_one(Ask(practice, weeks[0], weeks[-1], today), reach=NOTHING_BEFORE)
        rows = _scorecard_rows(Grid(series, weeks, weeks))
    return Table("Scorecard", columns, rows)


def list_kpis(practice: Practice) -> list[tuple[str, str]]:
    """(slug, unique name), archived included. One query."""
    kpis = list(practice.kpis.in_order())
    names = in_files(kpis)
    return [(kpi.slug, names[kpi.pk]) for kpi in kpis]


Build = Callable[..., Table | None]


class Offer(NamedTuple):
    """`build(seat, asked, today=…)` returns None for an unknown KPI."""

    name: str
    says: str
    build: Build
    has_weeks: bool = True
    has_kpis: bool = False


# By URL segment, in the order of the page.
EXPORTS: Mapping[str, Offer] = {
    "entries": Offer(
        "Entries, one per row",
        "Week, KPI, value and note, who entered it and for whom. Can be imported.",
        build_entries,
    ),
    "entries-wide": Offer(
        "Entries, one column per KPI",
        "One row per week, blank where a number is missing. Can be imported.",
        build_entries_wide,
    ),
    "scorecard": Offer(
        "Scorecard",
        "Every KPI, calculated ones too, over the completed weeks, with owner, target, average "
        "and total. The last 13 weeks unless you choose others.",
        build_scorecard_table,
    ),
    "history": Offer(
        "History with limits and signals",
        "Every KPI by week, with its usual range and verdict.",
        build_history_table,
        has_kpis=True,
    ),
    "follow-ups": Offer(
        "Follow-ups",
        "Follow-ups promised in the meetings of these weeks, with owner, due date and outcome.",
        build_follow_up_table,
    ),
    "responsibilities": Offer(
        "Responsibilities",
        "Every owner and stand-in so far. As of today, whatever the weeks.",
        build_responsibility_table,
        has_weeks=False,
    ),
}


def _kpis_then(practice: Practice, asked: ExportRequest) -> Any:
    """In order of the latest lineups. Two queries."""
    first, last = asked.mondays
    lineups = list(practice.lineups.filter(from_week__lte=last).values_list("from_week", "pk"))
    in_force = [
        pk
        for (_, pk), following in zip_longest(lineups, lineups[1:])
        if following is None or following[0] > first
    ]
    places = Place.objects.filter(kpi=OuterRef("pk"))
    latest = places.filter(lineup__in=in_force).order_by("-lineup__from_week")
    now = places.filter(lineup__in=in_force[-1:])
    return practice.kpis.annotate(
        position=Subquery(latest.values("position")[:1]), is_now=Exists(now)
    ).order_by("-is_now", F("position").asc(nulls_last=True), "id")


def _entries(practice: Practice, asked: ExportRequest) -> QuerySet[WeeklyEntry]:
    found = WeeklyEntry.objects.filter(practice=practice).between(*asked.mondays)
    in_order = F("position").asc(nulls_last=True)
    return found.alias(position=position_then()).order_by("week", in_order, "kpi_id")


def _entry_rows(practice: Practice, asked: ExportRequest) -> Iterator[tuple[Cell, ...]]:
    kpis = practice.kpis.in_bulk()
    names = in_files(kpis.values())
    # A KPI added since the query above has no name here.
    rows: Any = (
        _entries(practice, asked)
        .filter(kpi__in=list(kpis))
        .values_list(
            "week",
            "kpi_id",
            "value",
            "note",
            called(practice, "entered_by"),
            "entered_for__name",
            "reason",
            "is_corrected",
            "seen_value",
        )
    )
    for monday, kpi_id, value, note, by, owner, reason, is_corrected, seen in rows.iterator(CHUNK):
        kpi, week = kpis[kpi_id], str(Week(monday))
        yield (
            week, names[kpi_id], value, note, monday,
            kpi.unit, by, owner, reason, is_corrected, seen,
        )  # fmt: skip


def _wide_rows(
    practice: Practice, asked: ExportRequest, kpis: Sequence[int]
) -> Iterator[tuple[Cell, ...]]:
    rows: Any = _entries(practice, asked).values_list("week", "kpi_id", "value")
    expected: Week | None = None
    for monday, numbers in groupby(rows.iterator(CHUNK), key=lambda row: row[0]):
        week = Week(monday)
        # A week without numbers still gets a row: it is missing, not omitted.
        while expected is not None and expected < week:
            yield _wide_row(expected, {}, kpis)
            expected = expected.next
        yield _wide_row(week, {kpi_id: value for _, kpi_id, value in numbers}, kpis)
        expected = week.next


def _wide_row(week: Week, values: Mapping[int, Decimal], kpis: Sequence[int]) -> tuple[Cell, ...]:
    return (str(week), week.monday, *(values.get(kpi) for kpi in kpis))


def _follow_up_rows(
    practice: Practice, asked: ExportRequest, today: date
) -> Iterator[tuple[Cell, ...]]:
    first, last = asked.mondays
    found = FollowUp.objects.filter(
        Q(meeting__week__gte=first, meeting__week__lte=last), practice=practice
    )
    rows: Any = found.order_by("promised_at", "id").values_list(
        "meeting__week",
        "promised_at",
        "text",
        "kpi__name",
        "owner__name",
        "due_on",
        "done_at",
        "dropped_at",
        called(practice, "done_by"),
        called(practice, "dropped_by"),
        "dropped_because",
    )
    for monday, promised_at, text, kpi, owner, due, done, dropped, *ended in rows.iterator(CHUNK):
        done_by, dropped_by, because = ended
        ended_at = done or dropped
        yield (
            str(Week(monday)),
            promised_at.astimezone(practice.zone).date(),
            text,
            kpi,
            owner,
            due,
            _state(due, today, is_done=bool(done), is_dropped=bool(dropped)),
            ended_at.astimezone(practice.zone).date() if ended_at else None,
            done_by or dropped_by,
            because,
        )


def _state(due: date, today: date, *, is_done: bool, is_dropped: bool) -> str:
    if is_done:
        return "done"
    if is_dropped:
        return "dropped"
    return "overdue" if due < today else "open"


def _duties(line: Responsibility, today: date) -> Iterator[tuple[Cell, ...]]:
    if line.owner is None:
        yield (line.name, line.role, "owner", None, None, None, True, line.problem)
    for tenure in line.owners:
        problem = line.problem if line.owner and tenure == line.owner else ""
        yield _duty(line, "owner", tenure, today, problem)
    for tenure in (*line.stand_ins, *line.later_stand_ins):
        yield _duty(line, "stand-in", tenure, today, "")


def _duty(
    line: Responsibility, duty: str, tenure: Tenure, today: date, problem: str
) -> tuple[Cell, ...]:
    first, last = tenure.starts_on, tenure.ends_on
    is_today = first <= today and (last is None or last >= today)
    return (line.name, line.role, duty, tenure.name, first, last, is_today, problem)


def _history_rows(
    practice: Practice,
    kpis: Sequence[KPI],
    slug: str | None,
    *,
    holds: Callable[[Week], bool],
    today: date,
) -> Iterator[tuple[Cell, ...]]:
    """By KPI and week; `kpis` are all of the practice. Two queries; rows are streamed."""
    names = in_files(kpis)
    ask = Ask(practice, Week(FIRST_MONDAY), Week.running(today), today)
    series = load_one(ask, reach=EVERYTHING, slug=slug)
    found = _by_id(series)
    for kpi in kpis:
        if kpi.pk in found and slug in {None, kpi.slug}:
            for point in over_time(series, found[kpi.pk]).points:
                if holds(point.week):
                    yield _history_row(point, names[kpi.pk])


def _by_id(series: Series) -> dict[int, KPIRow]:
    placed = [kpi for _, lineup in series.lineups for kpi in lineup]
    return {kpi.id: kpi for kpi in (*series.others, *placed)}


def _history_row(point: Point, name: str) -> tuple[Cell, ...]:
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


def _scorecard_rows(grid: Grid) -> Iterator[tuple[Cell, ...]]:
    for section, kpis in in_sections(grid):
        for kpi in kpis:
            if section == "The funnel":
                yield from (
                    _step_row(grid, section, step)
                    for step in steps_to(grid.series, kpi, grid.weeks)
                )
            yield _scorecard_row(grid, section, kpi)


def _scorecard_row(grid: Grid, section: str, kpi: KPIRow) -> tuple[Cell, ...]:
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


def _step_row(grid: Grid, section: str, step: Step) -> tuple[Cell, ...]:
    pairs = pairs_of(grid.series, step, grid.weeks)
    rates = [_percent(step_rate(number, base)) for number, base in pairs]
    average = pooled(pairs_of(grid.series, step, grid.weeks, is_full=True))
    name = f"{step[0].name} to {step[1].name.lower()}"
    return (section, name, None, None, "percent", None, _percent(average), None, *rates)


def _percent(rate: float | None) -> float | None:
    return None if rate is None else rate * 100
