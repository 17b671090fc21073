"""Loading the numbers that boards are built from: the same three queries for one practice and for
fifty."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, DateField, Value, When

from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, Target, WeeklyEntry


@dataclass(frozen=True, slots=True)
class Scope:
    """One practice, the week asked about, today there, and the weeks whose entries it takes."""

    practice: Practice
    week: Week
    today: date
    first: Week
    last: Week


@dataclass(frozen=True, slots=True)
class Figures:
    """KPIs in order by practice id, with `.holding` and `.week_is_closed` of the scope; values by
    KPI id and Monday; targets by KPI id, earliest first. What was never recorded is not there."""

    kpis: Mapping[int, Sequence[KPI]]
    values: Mapping[int, Mapping[date, Decimal]]
    targets: Mapping[int, Sequence[tuple[date, Decimal]]]

    def value(self, kpi: KPI, week: Week) -> Decimal | None:
        """The KPI's number of that week; None when it is missing."""
        return self.values.get(kpi.pk, {}).get(week.monday)

    def column(self, kpi: KPI, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        """The KPI's numbers of those weeks, None where missing."""
        recorded = self.values.get(kpi.pk, {})
        return tuple(recorded.get(week.monday) for week in weeks)

    def target(self, kpi: KPI, week: Week) -> Decimal | None:
        """The target in force that week; None without one."""
        return self.steps(kpi, (week,))[0]

    def steps(self, kpi: KPI, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """The targets in force in those weeks, which are in order; None where there is none."""
        in_force: list[Decimal | None] = []
        changes = self.targets.get(kpi.pk, ())
        place, value = 0, None
        for week in weeks:
            while place < len(changes) and changes[place][0] <= week.monday:
                value = changes[place][1]
                place += 1
            in_force.append(value)
        return tuple(in_force)


def load_figures(scopes: Sequence[Scope]) -> Figures:
    """The figures of those practices, the owners being those of each week's review day. Three
    queries."""
    practices = [scope.practice for scope in scopes]
    kpis: dict[int, list[KPI]] = defaultdict(list)
    found = (
        KPI.objects.active()
        .filter(practice__in=practices)
        .with_owner(_by_practice({s.practice.pk: s.week.review_day(s.today) for s in scopes}))
        .with_closed(_by_practice({s.practice.pk: s.week.monday for s in scopes}))
        .in_order()
    )
    for kpi in found:
        kpis[kpi.practice_id].append(kpi)
    values: dict[int, dict[date, Decimal]] = defaultdict(dict)
    first = min(scope.first for scope in scopes)
    last = max(scope.last for scope in scopes)
    entries = WeeklyEntry.objects.filter(practice__in=practices)
    for kpi_id, monday, value in entries.between(first.monday, last.monday).figures():
        values[kpi_id][monday] = value
    targets: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    set_by_then = Target.objects.filter(kpi__practice__in=practices, from_week__lte=last.monday)
    for kpi_id, monday, value in set_by_then.order_by("from_week").values_list(
        "kpi_id", "from_week", "value"
    ):
        targets[kpi_id].append((monday, value))
    return Figures(kpis, values, targets)


def _by_practice(days: Mapping[int, date]) -> date | Case:
    """The day, where all practices share it; else an expression that tells it for each."""
    distinct = set(days.values())
    if len(distinct) == 1:
        return distinct.pop()
    return Case(
        *(
            When(practice__in=[pk for pk, own in days.items() if own == day], then=Value(day))
            for day in sorted(distinct)
        ),
        output_field=DateField(),
    )
