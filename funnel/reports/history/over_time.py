"""One KPI's number and how it behaves, without who entered it and what was changed: for programs.

The same numbers as on the KPI's own page (reports/history.py), by two statements in SQL and read
no further back than the limits need (docs/adr/0019).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from funnel.domain.numbers import Number
from funnel.domain.variation import LONGEST, Limits, Rule, moving_ranges
from funnel.domain.weeks import FIRST_MONDAY, Week
from funnel.models import KPI, Practice
from funnel.reports.series.behaviour import FIRST, Behaviour, Start, behave
from funnel.reports.series.figures import calculate

DEFAULT_SPAN = 26

# A row a baseline, in order; a row with none of its own for a KPI that has none.
KPI_AND_BASELINES = """
    SELECT kpi.id, kpi.slug, kpi.name, kpi.definition, kpi.unit, kpi.direction, role.name,
           staff.name, kpi.source_id, kpi.divisor_id, kpi."window",
           CAST(kpi.archived_at AS text),
           baseline.id, CAST(baseline.from_week AS text), baseline.mean, baseline.mean_range
      FROM funnel_kpi kpi
      JOIN funnel_role role ON role.id = kpi.role_id
      LEFT JOIN funnel_ownership held
        ON held.kpi_id = kpi.id AND held.starts_on <= %s
       AND (held.ends_on IS NULL OR held.ends_on >= %s)
      LEFT JOIN funnel_staff staff ON staff.id = held.staff_id
      LEFT JOIN funnel_baseline baseline ON baseline.kpi_id = kpi.id
     WHERE kpi.practice_id = %s AND kpi.slug = %s
     ORDER BY baseline.from_week NULLS FIRST
"""
# Of the KPIs that tell it; `kpis` stands for their ids.
NUMBERS = """
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(value * 100) AS bigint), 0
      FROM funnel_weeklyentry
     WHERE kpi_id IN ({kpis}) AND week >= %s AND week <= %s
     UNION ALL
    SELECT kpi_id, CAST(MIN(week) AS text), 0, 1
      FROM funnel_weeklyentry
     WHERE kpi_id IN ({kpis})
     GROUP BY kpi_id
     UNION ALL
    SELECT kpi_id, CAST(from_week AS text), CAST(ROUND(value * 100) AS bigint), 2
      FROM funnel_target
     WHERE kpi_id = %s
"""
VALUE, EARLIEST, TARGET = 0, 1, 2


class Calendar(NamedTuple):
    """Weeks one after the other: as they are, as the databases write their Mondays, in words."""

    weeks: tuple[Week, ...]
    mondays: tuple[str, ...]
    names: tuple[str, ...]


class Point(NamedTuple):
    """One week: its number (None: missing), how far it moved from the week before, its target.
    `rules` are those whose window it is in, `fired` those whose window it completes."""

    week: str
    value: Number | None
    moved: float | None
    target: Number | None
    rules: tuple[Rule, ...]
    fired: tuple[Rule, ...]
    is_running: bool


class Stretch(NamedTuple):
    """The weeks shown of one baseline, both included, and its limits, None with too few numbers.
    `begins` is the baseline's own first week, None: it begins with the KPI's first number."""

    begins: Week | None
    first: str
    last: str
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class OverTime:
    """A KPI in some weeks, oldest first. `limits` are those in force now, whatever weeks are
    shown; `stretches` the baselines that have one of these weeks over."""

    slug: str
    name: str
    definition: str
    unit: str
    direction: str
    role: str
    owner: str | None
    limits: Limits | None
    points: tuple[Point, ...]
    stretches: tuple[Stretch, ...]


class _KPI(NamedTuple):
    id: int
    slug: str
    name: str
    definition: str
    unit: str
    direction: str
    role: str
    owner: str | None
    source: int | None
    divisor: int | None
    window: int | None
    archived_at: str | None

    @property
    def is_calculated(self) -> bool:
        """Told by other KPIs."""
        return self.source is not None

    @property
    def told_by(self) -> tuple[int, ...]:
        """The KPIs whose entries tell it: itself, unless it is calculated."""
        return tuple(kpi for kpi in (self.source or self.id, self.divisor) if kpi is not None)

    def last_day(self, practice: Practice, today: date) -> date:
        """The day it was archived, today where it is in use."""
        if self.archived_at is None:
            return today
        at = datetime.fromisoformat(self.archived_at)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(practice.zone).date()


class _Numbers(NamedTuple):
    values: Mapping[int, Mapping[str, int]]
    earliest: str | None
    targets: Sequence[tuple[str, int]]


def build_over_time(
    practice: Practice, slug: str, *, today: date, first: Week | None, last: Week | None
) -> OverTime | None:
    """The practice's KPI of that slug, archived or not, from the first week to the last, as far as
    there are any between its first number and the running week; without a first one the last 26
    that are over by the last. None for no such KPI. Two statements."""
    kpi, starts = _load_kpi(practice, slug, today)
    if kpi is None:
        return None
    end = Week.of(kpi.last_day(practice, today))
    is_running = end.sunday >= today
    last = end if last is None else min(last, end)
    if first is None:
        over = last.previous if is_running and last == end else last
        first = over.plus(1 - DEFAULT_SPAN)
    need = _read_from(kpi, starts, first)
    numbers = _load_numbers(kpi, need, end)
    told = _told(kpi, numbers.values)
    earliest = min(told, default=None) if kpi.is_calculated else numbers.earliest
    told_from = end.next if earliest is None else Week(date.fromisoformat(earliest))
    calendar = _calendar(max(told_from, need), end)
    values = [told.get(monday) for monday in calendar.mondays]
    until = len(values) - is_running
    behaviour = behave(calendar.weeks[:until], values[:until], starts)
    from_ = bisect_left(calendar.weeks, first)
    to = bisect_right(calendar.weeks, last)
    return OverTime(
        *kpi[1:8],
        limits=behaviour.segments[-1].limits if behaviour.segments else None,
        points=_points(calendar, values, numbers.targets, behaviour, slice(from_, to)),
        stretches=_stretches(calendar.names, behaviour, from_, to),
    )


def _load_kpi(practice: Practice, slug: str, today: date) -> tuple[_KPI | None, list[Start]]:
    day = connection.ops.adapt_datefield_value(today)
    with connection.cursor() as cursor:
        cursor.execute(KPI_AND_BASELINES, [day, day, practice.pk, slug])
        rows = cursor.fetchall()
    starts = [_start(*row[13:]) for row in rows if row[12] is not None]
    return (_KPI(*rows[0][:12]) if rows else None), starts


def _start(monday: str | None, mean: float | None, mean_range: float | None) -> Start:
    week = Week(date.fromisoformat(monday)) if monday else None
    if mean is None or mean_range is None:
        return Start(week, None)
    return Start(week, Limits.frozen(mean, mean_range))


def _read_from(kpi: _KPI, starts: Sequence[Start], first: Week) -> Week:
    """The first week that is needed to say what the weeks from that one on are like: those of the
    longest run before it, and all of a baseline whose limits are told from its numbers."""
    need = first.plus(1 - LONGEST)
    if kpi.is_calculated:
        return Week(FIRST_MONDAY)
    given = starts if starts and starts[0].week is None else [FIRST, *starts]
    for start, after in zip(given, [*given[1:], None], strict=True):
        is_over = after is not None and after.week is not None and after.week <= need
        if not is_over and start.frozen is None:
            need = min(need, start.week or Week(FIRST_MONDAY))
    return need


def _load_numbers(kpi: _KPI, first: Week, last: Week) -> _Numbers:
    ids = kpi.told_by
    sql = NUMBERS.format(kpis=", ".join(["%s"] * len(ids)))
    day = connection.ops.adapt_datefield_value
    with connection.cursor() as cursor:
        cursor.execute(sql, [*ids, day(first.monday), day(last.monday), *ids, kpi.id])
        rows = cursor.fetchall()
    values: dict[int, dict[str, int]] = defaultdict(dict)
    targets, earliest = [], []
    for kpi_id, monday, hundredths, what in rows:
        if what == VALUE:
            values[kpi_id][monday] = hundredths
        elif what == TARGET:
            targets.append((monday, hundredths))
        else:
            earliest.append(monday)
    return _Numbers(values, min(earliest, default=None), sorted(targets))


def _told(kpi: _KPI, values: Mapping[int, Mapping[str, int]]) -> Mapping[str, Number]:
    """The KPI's own numbers by Monday in ISO form; what is missing is not there."""
    if kpi.source is None:
        return {monday: _number(value) for monday, value in values.get(kpi.id, {}).items()}
    source, divisor = (_exact(values.get(part or 0, {})) for part in (kpi.source, kpi.divisor))
    as_percent = kpi.unit == KPI.Unit.PERCENT
    return calculate(source, divisor, kpi.window, as_percent=as_percent)


def _exact(values: Mapping[str, int]) -> dict[str, Decimal]:
    return {monday: Decimal(value).scaleb(-2) for monday, value in sorted(values.items())}


def _number(hundredths: int) -> Number:
    """Two decimals are printed by a float as they were entered."""
    whole, rest = divmod(hundredths, 100)
    return hundredths / 100 if rest else whole


@lru_cache(maxsize=32)
def _calendar(first: Week, last: Week) -> Calendar:
    """Remembered, because every KPI is asked for in the same weeks."""
    weeks = Week.range(first, last)
    mondays = tuple(week.monday.isoformat() for week in weeks)
    return Calendar(weeks, mondays, tuple(map(str, weeks)))


def _points(
    calendar: Calendar,
    values: Sequence[Number | None],
    targets: Sequence[tuple[str, int]],
    behaviour: Behaviour,
    shown: slice,
) -> tuple[Point, ...]:
    over = len(behaviour.limits)
    ranges = moving_ranges(values[:over])
    aims = _in_force(targets, calendar.mondays)
    return tuple(
        [
            Point(
                calendar.names[at],
                values[at],
                ranges[at],
                aims[at],
                tuple([r for r in Rule if r in behaviour.marks[at]]) if behaviour.marks[at] else (),
                behaviour.fired[at],
                is_running=False,
            )
            if at < over
            else Point(calendar.names[at], values[at], None, aims[at], (), (), is_running=True)
            for at in range(*shown.indices(len(values)))
        ]
    )


def _in_force(
    targets: Sequence[tuple[str, int]], mondays: Sequence[str]
) -> Sequence[Number | None]:
    """The target in force in each of the weeks, None where there is none."""
    aims: list[Number | None] = [None] * len(mondays)
    for monday, value in targets:
        begins = bisect_left(mondays, monday)
        aims[begins:] = [_number(value)] * (len(mondays) - begins)
    return aims


def _stretches(
    names: Sequence[str], behaviour: Behaviour, from_: int, to: int
) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(
            segment.start.week,
            names[max(segment.first, from_)],
            names[min(segment.end, to) - 1],
            segment.limits,
        )
        for segment in behaviour.segments
        if segment.end > from_ and segment.first < to
    )
