"""Loading the numbers that boards are built from: the same three statements for one practice and
for fifty."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, Target, WeeklyEntry

# Written in SQL because Django spends ten times as long on composing it as either database on
# answering it (docs/adr/0006). `asked` has a row a practice: whose day and whose week.
KPIS_ASKED_FOR = """
    WITH asked (practice_id, day, week) AS (VALUES {rows})
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
    and Monday; targets by KPI id, earliest first. What was never recorded is not there."""

    kpis: Mapping[int, Sequence[OwnedKPI]]
    closed: frozenset[int]
    values: Mapping[int, Mapping[date, Decimal]]
    targets: Mapping[int, Sequence[tuple[date, Decimal]]]

    def value(self, kpi: OwnedKPI, week: Week) -> Decimal | None:
        """The KPI's number of that week; None when it is missing."""
        return self.values.get(kpi.id, {}).get(week.monday)

    def column(self, kpi: OwnedKPI, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        """The KPI's numbers of those weeks, None where missing."""
        recorded = self.values.get(kpi.id, {})
        return tuple([recorded.get(week.monday) for week in weeks])

    def target(self, kpi: OwnedKPI, week: Week) -> Decimal | None:
        """The target in force that week; None without one."""
        return self.steps(kpi, (week,))[0]

    def steps(self, kpi: OwnedKPI, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """The targets in force in those weeks, which are in order; None where there is none."""
        in_force: list[Decimal | None] = []
        changes = self.targets.get(kpi.id, ())
        place, value = 0, None
        for week in weeks:
            while place < len(changes) and changes[place][0] <= week.monday:
                value = changes[place][1]
                place += 1
            in_force.append(value)
        return tuple(in_force)


def load_figures(scopes: Sequence[Scope]) -> Figures:
    """The figures of those practices, the owners being those of each week's review day. Three
    statements; at least one scope."""
    kpis, closed = _load_kpis(scopes)
    last = max(scope.last for scope in scopes)
    targets: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    kpi_ids = [kpi.id for owned in kpis.values() for kpi in owned]
    set_by_then = Target.objects.filter(kpi__in=kpi_ids, from_week__lte=last.monday)
    for kpi_id, monday, value in set_by_then.order_by("from_week").values_list(
        "kpi_id", "from_week", "value"
    ):
        targets[kpi_id].append((monday, value))
    return Figures(kpis, closed, _load_values(scopes, kpis), targets)


def _load_values(
    scopes: Sequence[Scope], kpis: Mapping[int, Sequence[OwnedKPI]]
) -> dict[int, dict[date, Decimal]]:
    """Of the stages all weeks; of numbers outside the funnel, which no trend draws, those that
    judge the week: for a year of fifteen KPIs half the rows."""
    first = min(scope.first for scope in scopes).monday
    judging = min(scope.before[0] if scope.before else scope.week for scope in scopes).monday
    last = max(scope.last for scope in scopes).monday
    entries = WeeklyEntry.objects.filter(practice__in=[scope.practice for scope in scopes])
    entries = entries.between(first, last)
    if first < judging:
        stages = [kpi.id for owned in kpis.values() for kpi in owned if kpi.is_stage]
        entries = entries.filter(Q(week__gte=judging) | Q(kpi__in=stages))
    values: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for kpi_id, monday, value in entries.figures():
        values[kpi_id][monday] = value
    return values


def _load_kpis(scopes: Sequence[Scope]) -> tuple[dict[int, list[OwnedKPI]], frozenset[int]]:
    as_stored = connection.ops.adapt_datefield_value
    params = [
        param
        for scope in scopes
        for param in (
            scope.practice.pk,
            as_stored(scope.week.review_day(scope.today)),
            as_stored(scope.week.monday),
        )
    ]
    rows = ", ".join(["(%s, %s, %s)"] * len(scopes))
    kpis: dict[int, list[OwnedKPI]] = defaultdict(list)
    closed = set()
    with connection.cursor() as cursor:
        cursor.execute(KPIS_ASKED_FOR.format(rows=rows), params)
        for practice_id, is_closed, *kpi in cursor.fetchall():
            kpis[practice_id].append(OwnedKPI(*kpi))
            if is_closed:
                closed.add(practice_id)
    return kpis, frozenset(closed)
