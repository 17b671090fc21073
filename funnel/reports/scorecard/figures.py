"""Loading what a scorecard is built from, with two statements for a year and for ten."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery

from funnel.access import Seat, standing_of
from funnel.domain.variation import LONGEST
from funnel.domain.weeks import Week
from funnel.models import KPI, Ownership, Practice, WeeklyEntry
from funnel.reports.series.behaviour import FIRST, Start, behave, load_starts
from funnel.reports.series.figures import calculate, in_force

# In SQL for the reasons of docs/adr/0006: four kinds of rows in one statement.
NUMBERS = """
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(value * 100) AS bigint), 0,
           note, is_corrected, CAST(ROUND(seen_value * 100) AS bigint)
      FROM funnel_weeklyentry
     WHERE practice_id = %s AND week >= %s AND week <= %s
     UNION ALL
    SELECT kpi_id, CAST(week AS text), CAST(ROUND(value * 100) AS bigint), 0, '', FALSE, NULL
      FROM funnel_weeklyentry
     WHERE kpi_id IN ({young}) AND (week < %s OR week > %s) AND week <= %s
     UNION ALL
    SELECT kpi_id, CAST(from_week AS text), CAST(ROUND(value * 100) AS bigint), 1, '', FALSE, NULL
      FROM funnel_target
     WHERE kpi_id IN ({kpis}) AND from_week <= %s
     UNION ALL
    SELECT 0, CAST(week AS text), 0, 2, '', FALSE, NULL
      FROM funnel_meeting
     WHERE practice_id = %s AND week >= %s AND week <= %s AND closed_at IS NOT NULL
"""
VALUE, TARGET, CLOSED = 0, 1, 2


class Counted(NamedTuple):
    """A KPI on the scorecard. `owner` is whose it is on the scorecard's review day, None: no one's.
    `may_enter`: the reader may, today. `group` is a name, None without one."""

    id: int
    slug: str
    name: str
    unit: str
    role: str
    owner: str | None
    stage: int | None
    group: str | None
    group_place: tuple[int, str, int]
    higher_is_better: bool
    calculation: str
    source: int | None
    divisor: int | None
    window: int | None
    is_archived: bool
    may_enter: bool

    @property
    def told_by(self) -> tuple[int, ...]:
        """The ids of the KPIs whose entries tell its numbers: its own, unless it is calculated."""
        return tuple(kpi for kpi in (self.source or self.id, self.divisor) if kpi is not None)


class Remark(NamedTuple):
    """What stands beside an entered number: its note, and what the team saw (None: nothing) before
    it was corrected after the meeting."""

    note: str
    is_corrected: bool
    seen: Decimal | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values, targets (earliest first) and baselines by KPI id, remarks by KPI id and Monday;
    Mondays in ISO form. What was never recorded is not there."""

    kpis: tuple[Counted, ...]
    values: Mapping[int, Mapping[str, Decimal]]
    targets: Mapping[int, Sequence[tuple[str, Decimal]]]
    remarks: Mapping[tuple[int, str], Remark]
    closed: frozenset[str]
    starts: Mapping[int, Sequence[Start]]

    def column(self, kpi: int | None, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        """The KPI's numbers of those weeks, None where missing."""
        recorded = self.values.get(kpi or 0, {})
        return tuple([recorded.get(week.monday.isoformat()) for week in weeks])

    def targets_of(self, kpi: Counted, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """The targets in force in those weeks, which are in order; None where there is none."""
        return in_force(self.targets.get(kpi.id, ()), weeks)

    def signals(
        self, kpi: Counted, weeks: Sequence[Week], reporting: Week
    ) -> list[tuple[str, ...]]:
        """The rules that each of those completed weeks, which follow each other, completes."""
        if not weeks:
            return []
        starts = self.starts.get(kpi.id, ())
        first, last = weeks[0].plus(1 - LONGEST), weeks[-1]
        if _is_young(starts, first, last):
            recorded = self.values.get(kpi.id)
            if not recorded:
                return [()] * len(weeks)
            first = min(first, Week(date.fromisoformat(min(recorded))))
            last = reporting
        told = Week.range(first, last)
        fired = behave(told, self.column(kpi.id, told), starts).fired
        at = (weeks[0].monday - first.monday).days // 7
        return [tuple(rules) for rules in fired[at : at + len(weeks)]]


def load_numbers(
    seat: Seat,
    weeks: Sequence[Week],
    *,
    first: Week,
    review_day: date,
    today: date,
    with_signals: bool,
) -> Numbers:
    """The KPIs in use, and the archived ones with a number in `weeks`, which are in order and at
    least one; their numbers from `first` on. Two statements, three with signals."""
    practice = seat.practice
    kpis = tuple(_load_kpis(seat, weeks, review_day, today))
    starts = load_starts([kpi.id for kpi in kpis]) if with_signals else {}
    reach = first.plus(1 - LONGEST) if with_signals else first
    young = {
        entered
        for kpi in kpis
        if with_signals and _is_young(starts.get(kpi.id, ()), reach, weeks[-1])
        for entered in kpi.told_by
    }
    reach = reach.plus(1 - max((kpi.window or 1 for kpi in kpis), default=1))
    rows = _load_rows(practice, kpis, sorted(young), (reach, weeks), Week.reporting(today))
    values: dict[int, dict[str, Decimal]] = defaultdict(dict)
    targets: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    remarks: dict[tuple[int, str], Remark] = {}
    closed = set()
    for kpi_id, monday, hundredths, what, note, is_corrected, seen in rows:
        if what == CLOSED:
            closed.add(monday)
        elif what == TARGET:
            targets[kpi_id].append((monday, _number(hundredths)))
        else:
            values[kpi_id][monday] = _number(hundredths)
            if note or is_corrected:
                was = None if seen is None else _number(seen)
                remarks[kpi_id, monday] = Remark(note, bool(is_corrected), was)
    for changes in targets.values():
        changes.sort()
    for kpi in kpis:
        if kpi.source is not None:
            values[kpi.id] = calculate(
                values.get(kpi.source, {}),
                values.get(kpi.divisor or 0, {}),
                kpi.window,
                as_percent=kpi.unit == KPI.Unit.PERCENT,
            )
    return Numbers(kpis, values, targets, remarks, frozenset(closed), starts)


def _load_kpis(
    seat: Seat, weeks: Sequence[Week], review_day: date, today: date
) -> Iterable[Counted]:
    recorded = WeeklyEntry.objects.filter(kpi=OuterRef("pk")).between(
        weeks[0].monday, weeks[-1].monday
    )
    reviewed = Ownership.objects.filter(kpi=OuterRef("pk")).on(review_day)
    kpis: Any = (
        KPI.objects.filter(practice=seat.practice)
        .filter(Q(archived_at=None) | Exists(recorded))
        .with_owner(today)
        .with_stand_in(seat.staff, today)
        .annotate(owner_then=Subquery(reviewed.values("staff__name")[:1]))
        .annotate(group_name=F("group__name"), group_order=F("group__order"))
        .in_order()
    )
    for kpi in kpis:
        is_open = not (kpi.is_archived or kpi.is_calculated)
        yield Counted(
            id=kpi.pk,
            slug=kpi.slug,
            name=kpi.name,
            unit=kpi.unit,
            role=kpi.role.name,
            owner=kpi.owner_then,
            stage=kpi.stage,
            group=kpi.group_name,
            group_place=(kpi.group_order or 0, kpi.group_name or "", kpi.group_id or 0),
            higher_is_better=kpi.higher_is_better,
            calculation=kpi.calculation,
            source=kpi.source_id,
            divisor=kpi.divisor_id,
            window=kpi.window,
            is_archived=kpi.is_archived,
            may_enter=is_open and standing_of(seat, kpi, today).may_enter,
        )


def _load_rows(
    practice: Practice,
    kpis: Sequence[Counted],
    young: Sequence[int],
    loaded: tuple[Week, Sequence[Week]],
    reporting: Week,
) -> list[tuple[Any, ...]]:
    reach, weeks = loaded
    first, last, shown = _day(reach.monday), _day(weeks[-1].monday), _day(weeks[0].monday)
    ids = [kpi.id for kpi in kpis]
    given = [practice.pk, first, last]
    given += [*young, first, last, _day(reporting.monday)]
    given += [*ids, last]
    given += [practice.pk, shown, last]
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS.format(young=_places(young), kpis=_places(ids)), given)
        return cursor.fetchall()


def _is_young(starts: Sequence[Start], first: Week, last: Week) -> bool:
    """Whether a baseline in force between those weeks is not frozen and stored: its limits are then
    told from all its numbers."""
    given = starts if starts and starts[0].week is None else (FIRST, *starts)
    return any(
        start.frozen is None
        and (start.week is None or start.week <= last)
        and (following is None or following.week is None or following.week > first)
        for start, following in zip_longest(given, given[1:])
        if start is not None
    )


def _number(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


def _day(day: date) -> Any:
    """As the database takes a date."""
    return connection.ops.adapt_datefield_value(day)


def _places(ids: Sequence[int]) -> str:
    """Placeholders for a list; NULL, which nothing equals, for an empty one."""
    return ", ".join(["%s"] * len(ids)) or "NULL"
