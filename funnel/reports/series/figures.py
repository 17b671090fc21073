"""Loading the numbers that boards are built from: the same two statements for one practice and
for fifty."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from funnel.domain.calculated import moving_total, ratio
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.variation import Limits
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice
from funnel.reports.series.behaviour import FIRST, Start

# Written in SQL because Django spends longer on composing and converting them than either database
# on answering (docs/adr/0006). A list of values stands for each {name}.

# `asked` has a row a practice: whose day and whose week.
KPIS = """
    WITH asked (practice_id, day, week) AS (VALUES {asked})
    SELECT kpi.practice_id, meeting.closed_at IS NOT NULL, meeting.reopened_at IS NOT NULL,
           {start}
           kpi.id, kpi.slug, kpi.name, kpi.definition, kpi.unit, kpi.direction, kpi.stage,
           kpi.calculation, kpi.source_id, kpi.divisor_id, kpi."window",
           role.name, staff.id, staff.name
      FROM asked
      JOIN funnel_kpi kpi ON kpi.practice_id = asked.practice_id AND kpi.archived_at IS NULL
      JOIN funnel_role role ON role.id = kpi.role_id
      LEFT JOIN funnel_ownership held
        ON held.kpi_id = kpi.id AND held.starts_on <= asked.day
       AND (held.ends_on IS NULL OR held.ends_on >= asked.day)
      LEFT JOIN funnel_staff staff ON staff.id = held.staff_id
      LEFT JOIN funnel_meeting meeting
        ON meeting.practice_id = asked.practice_id AND meeting.week = asked.week
      {baseline}
     ORDER BY kpi.stage NULLS LAST, kpi."order", kpi.id {in_order}
"""
# A row a baseline, in order; most KPIs have one.
START = "CAST(baseline.from_week AS text), baseline.mean, baseline.mean_range,"
BASELINE = "LEFT JOIN funnel_baseline baseline ON baseline.kpi_id = kpi.id"
# Of the stages all weeks; of numbers outside the funnel, which no trend draws, those that judge the
# week: for a year of fifteen KPIs half the rows. Read from the covering index alone on PostgreSQL.
VALUES_AND_TARGETS = """
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(value * 100) AS bigint), 0
      FROM funnel_weeklyentry
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s
       AND (week >= %s OR kpi_id IN ({stages}))
     UNION ALL
    SELECT kpi_id, CAST(from_week AS text), CAST(ROUND(value * 100) AS bigint), 1
      FROM funnel_target
     WHERE kpi_id IN ({kpis}) AND from_week <= %s
"""
# Added where there is any: the completed weeks before and after these of KPIs whose limits are not
# stored, and what the team saw of those that were corrected after the week was closed.
AROUND = """
     UNION ALL
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(value * 100) AS bigint), 0
      FROM funnel_weeklyentry
     WHERE kpi_id IN ({kpis}) AND (week < %s OR week > %s) AND week <= %s
"""
CORRECTED = """
     UNION ALL
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(seen_value * 100) AS bigint), 2
      FROM funnel_weeklyentry
     WHERE practice_id = %s AND week = %s AND is_corrected
"""
VALUE, TARGET, SEEN = 0, 1, 2


class OwnedKPI(NamedTuple):
    """A KPI in use, its role's name, and its owner on the week's review day (None: no one).

    `start` is the baseline in force that week and `until` the week the next one begins with, None
    without. Of a calculated one `source` and `divisor` are the ids of what it is told by and
    `window` the weeks a moving total adds up.
    """

    start: Start
    until: Week | None
    id: int
    slug: str
    name: str
    definition: str
    unit: str
    direction: str
    stage: int | None
    calculation: str
    source: int | None
    divisor: int | None
    window: int | None
    role: str
    owner_id: int | None
    owner: str | None

    @property
    def is_stage(self) -> bool:
        """Has a place in the funnel."""
        return self.stage is not None

    @property
    def told_by(self) -> tuple[int, ...]:
        """The ids of the KPIs whose entries tell its numbers: its own, unless it is calculated."""
        return tuple(kpi for kpi in (self.source or self.id, self.divisor) if kpi is not None)

    @property
    def is_calculated(self) -> bool:
        """Told by other KPIs: nobody enters it."""
        return self.calculation != KPI.Calculation.ENTERED

    @property
    def higher_is_better(self) -> bool:
        """Whether reaching the target means being at or above it."""
        return self.direction == KPI.Direction.HIGHER


@dataclass(frozen=True, slots=True)
class Scope:
    """One practice, the week asked about, today there, and the weeks whose entries it takes.

    `before` are the 13 completed weeks before the week asked about, oldest first.
    """

    practice: Practice
    week: Week
    today: date
    before: tuple[Week, ...]
    first: Week
    last: Week

    @classmethod
    def of(cls, practice: Practice, week: Week, today: date, weeks: Sequence[Week] = ()) -> "Scope":
        """The scope that judges the week, and draws `weeks`, which are in order."""
        before = week.back(WEEKS_BEFORE)
        taken = (*before[:1], week, *weeks[:1], *weeks[-1:])
        return cls(practice, week, today, before, min(taken), max(taken))


@dataclass(frozen=True, slots=True)
class Figures:
    """KPIs in order by practice id; the ids of the practices whose week is closed; values by KPI id
    and Monday; targets by KPI id, earliest first; Mondays in ISO form, as both databases write
    them. What was never recorded is not there. `seen` is, by KPI id, what the team saw of the
    week's numbers that were corrected since, None where one was missing."""

    kpis: Mapping[int, Sequence[OwnedKPI]]
    closed: frozenset[int]
    values: Mapping[int, Mapping[str, Decimal]]
    targets: Mapping[int, Sequence[tuple[str, Decimal]]]
    seen: Mapping[int, Decimal | None]
    in_full: bool

    def value(self, kpi: OwnedKPI, week: Week) -> Decimal | None:
        """The KPI's number of that week; None when it is missing."""
        return self.values.get(kpi.id, {}).get(week.monday.isoformat())

    def column(self, kpi: OwnedKPI, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        """The KPI's numbers of those weeks, None where missing."""
        recorded = self.values.get(kpi.id, {})
        return tuple([recorded.get(week.monday.isoformat()) for week in weeks])

    def weeks_of_baseline(self, kpi: OwnedKPI, last: Week) -> tuple[Week, ...]:
        """The weeks of the KPI's baseline, from its first number here where it has no beginning of
        its own, up to the last or to the next baseline."""
        start = kpi.start.week
        if start is None:
            recorded = self.values.get(kpi.id)
            if not recorded:
                return ()
            start = Week(date.fromisoformat(min(recorded)))
        return Week.range(start, min(last, kpi.until.previous) if kpi.until else last)

    def target(self, kpi: OwnedKPI, week: Week) -> Decimal | None:
        """The target in force that week; None without one."""
        return self.steps(kpi, (week,))[0]

    def steps(self, kpi: OwnedKPI, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """The targets in force in those weeks, which are in order; None where there is none."""
        return in_force(self.targets.get(kpi.id, ()), weeks)


def in_force(
    changes: Sequence[tuple[str, Decimal]], weeks: Sequence[Week]
) -> tuple[Decimal | None, ...]:
    """The targets in force in those weeks, which are in order, of the changes by Monday, earliest
    first; None where there is none."""
    targets: list[Decimal | None] = []
    place, value = 0, None
    for week in weeks:
        while place < len(changes) and changes[place][0] <= week.monday.isoformat():
            value = changes[place][1]
            place += 1
        targets.append(value)
    return tuple(targets)


def load_figures(scopes: Sequence[Scope], *, in_full: bool = False) -> Figures:
    """The figures of those practices, the owners being those of each week's review day. Two
    statements; at least one scope.

    In full: of one practice, with baselines, the numbers they need, and what was corrected.
    """
    with connection.cursor() as cursor:
        kpis, closed, reopened = _load_kpis(cursor, scopes, in_full=in_full)
        found = _load_numbers(cursor, scopes, kpis, in_full=in_full, reopened=reopened)
    _calculate(kpis, found.values)
    return Figures(kpis, closed, found.values, found.targets, found.seen, in_full)


def _load_kpis(
    cursor: CursorWrapper, scopes: Sequence[Scope], *, in_full: bool
) -> tuple[dict[int, list[OwnedKPI]], frozenset[int], bool]:
    asked = [(s.practice.pk, _day(s.week.review_day(s.today)), _day(s.week.monday)) for s in scopes]
    sql = KPIS.format(
        asked=", ".join(["(%s, %s, %s)"] * len(asked)),
        start=START if in_full else "NULL, NULL, NULL,",
        baseline=BASELINE if in_full else "",
        in_order=", baseline.from_week NULLS FIRST" if in_full else "",
    )
    cursor.execute(sql, list(chain.from_iterable(asked)))
    kpis: dict[int, list[OwnedKPI]] = defaultdict(list)
    closed = set()
    reopened = False
    for practice_id, is_closed, was_reopened, monday, mean, mean_range, *row in cursor.fetchall():
        known = kpis[practice_id]
        _add(known, _start(monday, mean, mean_range), scopes[0].week, row)
        reopened = reopened or was_reopened
        if is_closed:
            closed.add(practice_id)
    return kpis, frozenset(closed), reopened


def _add(known: list[OwnedKPI], start: Start, week: Week, row: Sequence[Any]) -> None:
    """Adds the KPI of that row, or to the one of the row before it its next baseline."""
    until = start.week if start.week is not None and start.week > week else None
    before = known[-1] if known and known[-1].id == row[0] else None
    if before is None:
        known.append(OwnedKPI(FIRST if until else start, until, *row))
    elif until is None:
        known[-1] = OwnedKPI(start, None, *row)
    elif before.until is None:
        known[-1] = before._replace(until=until)


def _start(monday: str | None, mean: float | None, mean_range: float | None) -> Start:
    if monday is None and mean is None:
        return FIRST
    week = Week(date.fromisoformat(monday)) if monday else None
    frozen = (
        Limits.frozen(mean, mean_range) if mean is not None and mean_range is not None else None
    )
    return Start(week, frozen)


class _Numbers(NamedTuple):
    values: dict[int, dict[str, Decimal]]
    targets: dict[int, list[tuple[str, Decimal]]]
    seen: dict[int, Decimal | None]


def _load_numbers(
    cursor: CursorWrapper,
    scopes: Sequence[Scope],
    kpis: Mapping[int, Sequence[OwnedKPI]],
    *,
    in_full: bool,
    reopened: bool,
) -> _Numbers:
    practices = [scope.practice.pk for scope in scopes]
    owned = [kpi for kpis_of_one in kpis.values() for kpi in kpis_of_one]
    every = [kpi.id for kpi in owned]
    stages = [kpi.id for kpi in owned if kpi.is_stage]
    added_up = max((kpi.window for kpi in owned if kpi.window), default=1) - 1
    judging = min((*scope.before, scope.week)[0] for scope in scopes).plus(-added_up)
    first = min(judging, *(scope.first for scope in scopes)).monday
    last = max(scope.last for scope in scopes).monday
    sql = VALUES_AND_TARGETS.format(
        practices=_places(practices), stages=_places(stages), kpis=_places(every)
    )
    given = [*practices, _day(first), _day(last), _day(judging.monday), *stages, *every, _day(last)]
    over = Week.reporting(scopes[0].today).monday
    young = {
        entered
        for kpi in owned
        if in_full and kpi.start.frozen is None
        # A total of its baseline's first weeks adds up weeks from before it.
        if last < over or kpi.is_calculated or not kpi.start.reaches(judging)
        for entered in kpi.told_by
    }
    if young:
        sql += AROUND.format(kpis=_places(tuple(young)))
        given += [*young, _day(judging.monday), _day(last), _day(over)]
    if in_full and reopened:
        sql += CORRECTED
        given += [practices[0], _day(scopes[0].week.monday)]
    cursor.execute(sql, given)
    found = _Numbers(defaultdict(dict), defaultdict(list), {})
    for kpi_id, monday, hundredths, what in cursor.fetchall():
        if what == VALUE:
            found.values[kpi_id][monday] = _number(hundredths)
        elif what == TARGET:
            found.targets[kpi_id].append((monday, _number(hundredths)))
        else:
            found.seen[kpi_id] = None if hundredths is None else _number(hundredths)
    for changes in found.targets.values():
        changes.sort()
    return found


def _calculate(
    kpis: Mapping[int, Sequence[OwnedKPI]], values: dict[int, dict[str, Decimal]]
) -> None:
    """Adds the numbers of calculated KPIs to those that were entered."""
    for kpi in chain.from_iterable(kpis.values()):
        if kpi.source is None:
            continue
        values[kpi.id] = calculate(
            values.get(kpi.source, {}),
            values.get(kpi.divisor or 0, {}),
            kpi.window,
            as_percent=kpi.unit == KPI.Unit.PERCENT,
        )


def calculate(
    source: Mapping[str, Decimal],
    divisor: Mapping[str, Decimal],
    window: int | None,
    *,
    as_percent: bool,
) -> dict[str, Decimal]:
    """The numbers of a calculated KPI by Monday: with a window the moving total of its source, else
    the ratio of source and divisor. A week without one is not there."""
    found: Iterable[tuple[str, Decimal | None]]
    if window is not None:
        column = _weekly(source)
        found = zip(column, moving_total(list(column.values()), window), strict=True)
    else:
        found = [(m, ratio(v, divisor.get(m), as_percent=as_percent)) for m, v in source.items()]
    return {monday: value for monday, value in found if value is not None}


def _weekly(told: Mapping[str, Decimal]) -> dict[str, Decimal | None]:
    """The numbers of every week from the first to the last, None where one is missing."""
    if not told:
        return {}
    first, last = (Week(date.fromisoformat(monday)) for monday in (min(told), max(told)))
    mondays = (week.monday.isoformat() for week in Week.range(first, last))
    return {monday: told.get(monday) for monday in mondays}


@lru_cache(maxsize=4096)
def _number(hundredths: int) -> Decimal:
    """Remembered, because the counts of a practice are the same few numbers over and over."""
    return Decimal(hundredths).scaleb(-2)


def _day(day: date) -> Any:
    """As the database takes a date."""
    return connection.ops.adapt_datefield_value(day)


def _places(ids: Sequence[int]) -> str:
    """Placeholders for a list; NULL, which nothing equals, for an empty one."""
    return ", ".join(["%s"] * len(ids)) or "NULL"
