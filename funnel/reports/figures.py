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

from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice

# Written in SQL because Django spends longer on composing and converting them than either database
# on answering (docs/adr/0006). A list of values stands for each {name}.

# `asked` has a row a practice: whose day and whose week.
KPIS = """
    WITH asked (practice_id, day, week) AS (VALUES {asked})
    SELECT kpi.practice_id, meeting.closed_at IS NOT NULL,
           kpi.id, kpi.slug, kpi.name, kpi.definition, kpi.unit, kpi.direction, kpi.stage,
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
     ORDER BY kpi.stage NULLS LAST, kpi."order", kpi.id
"""
# Of the stages all weeks; of numbers outside the funnel, which no trend draws, those that judge the
# week: for a year of fifteen KPIs half the rows. Read from the covering index alone on PostgreSQL.
VALUES_AND_TARGETS = """
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(value * 100) AS bigint), FALSE
      FROM funnel_weeklyentry
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s
       AND (week >= %s OR kpi_id IN ({stages}))
     UNION ALL
    SELECT kpi_id, CAST(from_week AS text), CAST(ROUND(value * 100) AS bigint), TRUE
      FROM funnel_target
     WHERE kpi_id IN ({kpis}) AND from_week <= %s
"""


class OwnedKPI(NamedTuple):
    """A KPI in use, its role's name, and its owner on the week's review day (None: no one)."""

    id: int
    slug: str
    name: str
    definition: str
    unit: str
    direction: str
    stage: int | None
    role: str
    owner_id: int | None
    owner: str | None

    @property
    def is_stage(self) -> bool:
        """Has a place in the funnel."""
        return self.stage is not None

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
    them. What was never recorded is not there."""

    kpis: Mapping[int, Sequence[OwnedKPI]]
    closed: frozenset[int]
    values: Mapping[int, Mapping[str, Decimal]]
    targets: Mapping[int, Sequence[tuple[str, Decimal]]]

    def value(self, kpi: OwnedKPI, week: Week) -> Decimal | None:
        """The KPI's number of that week; None when it is missing."""
        return self.values.get(kpi.id, {}).get(week.monday.isoformat())

    def column(self, kpi: OwnedKPI, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        """The KPI's numbers of those weeks, None where missing."""
        recorded = self.values.get(kpi.id, {})
        return tuple([recorded.get(week.monday.isoformat()) for week in weeks])

    def target(self, kpi: OwnedKPI, week: Week) -> Decimal | None:
        """The target in force that week; None without one."""
        return self.steps(kpi, (week,))[0]

    def steps(self, kpi: OwnedKPI, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """The targets in force in those weeks, which are in order; None where there is none."""
        in_force: list[Decimal | None] = []
        changes = self.targets.get(kpi.id, ())
        place, value = 0, None
        for week in weeks:
            while place < len(changes) and changes[place][0] <= week.monday.isoformat():
                value = changes[place][1]
                place += 1
            in_force.append(value)
        return tuple(in_force)


def load_figures(scopes: Sequence[Scope]) -> Figures:
    """The figures of those practices, the owners being those of each week's review day. Two
    statements; at least one scope."""
    with connection.cursor() as cursor:
        kpis, closed = _load_kpis(cursor, scopes)
        owned = [kpi for kpis_of_one in kpis.values() for kpi in kpis_of_one]
        values, targets = _load_numbers(cursor, scopes, owned)
    return Figures(kpis, closed, values, targets)


def _load_kpis(
    cursor: CursorWrapper, scopes: Sequence[Scope]
) -> tuple[dict[int, list[OwnedKPI]], frozenset[int]]:
    asked = [(s.practice.pk, _day(s.week.review_day(s.today)), _day(s.week.monday)) for s in scopes]
    rows = ", ".join(["(%s, %s, %s)"] * len(asked))
    cursor.execute(KPIS.format(asked=rows), list(chain.from_iterable(asked)))
    kpis: dict[int, list[OwnedKPI]] = defaultdict(list)
    closed = set()
    for practice_id, is_closed, *kpi in cursor.fetchall():
        kpis[practice_id].append(OwnedKPI(*kpi))
        if is_closed:
            closed.add(practice_id)
    return kpis, frozenset(closed)


def _load_numbers(
    cursor: CursorWrapper, scopes: Sequence[Scope], kpis: Sequence[OwnedKPI]
) -> tuple[dict[int, dict[str, Decimal]], dict[int, list[tuple[str, Decimal]]]]:
    practices = [scope.practice.pk for scope in scopes]
    every = [kpi.id for kpi in kpis]
    stages = [kpi.id for kpi in kpis if kpi.is_stage]
    first = min(scope.first for scope in scopes).monday
    last = max(scope.last for scope in scopes).monday
    judging = min((*scope.before, scope.week)[0] for scope in scopes).monday
    sql = VALUES_AND_TARGETS.format(
        practices=_places(practices), stages=_places(stages), kpis=_places(every)
    )
    of_values = [*practices, _day(first), _day(last), _day(judging), *stages]
    cursor.execute(sql, [*of_values, *every, _day(last)])
    values: dict[int, dict[str, Decimal]] = defaultdict(dict)
    targets: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for kpi_id, monday, hundredths, is_target in cursor.fetchall():
        if is_target:
            targets[kpi_id].append((monday, _number(hundredths)))
        else:
            values[kpi_id][monday] = _number(hundredths)
    for changes in targets.values():
        changes.sort()
    return values, targets


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
