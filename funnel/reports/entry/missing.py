"""Whose numbers of a week are missing: whom to remind of which, and what the managers are told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from funnel.access import ENTERS
from funnel.domain.weeks import Week
from funnel.models import KPI, Meeting, Practice, Reminder, Staff, StandIn, WeeklyEntry


@dataclass(frozen=True, slots=True)
class Owed:
    """A number that one person is to enter. `holding` is the id of the ownership in force and of
    its owner, `stands_in_for` the owner's name for a stand-in; both None where they are not."""

    kpi_id: int
    slug: str
    name: str
    holding: tuple[int, int] | None
    stands_in_for: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone to be told, with what they owe (nothing where they are told as a manager) and which
    kinds of reminder they have had this week."""

    staff_id: int
    name: str
    address: str
    wish: str
    told: frozenset[str]
    owed: tuple[Owed, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A number that is missing or a KPI of nobody's, as the managers read it; `waiting_for` are
    those who were asked for it, none where nobody could be."""

    name: str
    role: str
    owner: str | None
    waiting_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing of a week. Nobody is told of nothing: without `missing` and `unowned` there
    are no `managers` either."""

    practice_name: str
    week: Week
    owing: tuple[Reader, ...]
    managers: tuple[Reader, ...]
    missing: tuple[Gap, ...]
    unowned: tuple[Gap, ...]


def build_missing(practice: Practice, week: Week, *, today: date) -> Missing:
    """What is missing of that week on that day, with the owners and stand-ins of the day.

    Calculated and archived KPIs are nobody's to enter and not in it. Empty once the meeting has
    begun, and for a week before the practice began. Five queries.
    """
    nothing = Missing(practice.name, week, (), (), (), ())
    meetings = Meeting.objects.filter(practice=practice, week=week.monday)
    if not practice.has_begun_by(week) or meetings.begun().exists():
        return nothing
    kpis = _kpis(practice, week, today)
    missing = [kpi for kpi in kpis if not kpi.is_in]  # type: ignore[attr-defined]
    unowned = [kpi for kpi in kpis if kpi.holding is None]
    if not missing and not unowned:
        return nothing
    covers = _stand_ins(missing, today)
    asked = {kpi.pk: _asked(kpi, covers.get(kpi.pk, ())) for kpi in missing}
    told = _told(practice, week)
    owed: dict[int, list[Owed]] = defaultdict(list)
    people: dict[int, Staff] = {}
    for kpi in missing:
        for person in asked[kpi.pk]:
            people[person.pk] = person
            owed[person.pk].append(_owed(kpi, person))
    managers = practice.staff.active().managers().select_related("user").order_by("name", "id")
    return Missing(
        practice_name=practice.name,
        week=week,
        owing=tuple(_reader(people[pk], told, owed[pk]) for pk in owed),
        managers=tuple(_reader(person, told, ()) for person in managers),
        missing=tuple(_gap(kpi, asked[kpi.pk]) for kpi in missing if kpi.holding),
        unowned=tuple(_gap(kpi, asked.get(kpi.pk, ())) for kpi in unowned),
    )


def _kpis(practice: Practice, week: Week, day: date) -> Sequence[KPI]:
    """With `.is_in`: whether the week's number is."""
    entered = WeeklyEntry.objects.filter(kpi=OuterRef("pk"), week=week.monday)
    kpis = practice.kpis.active().entered().in_order().with_owner(day)
    return list(kpis.annotate(is_in=Exists(entered)).select_related("holding__staff__user"))  # type: ignore[misc]


def _stand_ins(kpis: Iterable[KPI], day: date) -> Mapping[int, Sequence[Staff]]:
    """Those of the day by KPI id, by name; nobody who has left or may only look."""
    found: dict[int, list[Staff]] = defaultdict(list)
    rows = StandIn.objects.on(day).filter(kpi__in=[kpi.pk for kpi in kpis])
    for row in rows.select_related("staff__user").order_by("staff__name", "pk"):
        if _enters(row.staff) and row.staff not in found[row.kpi_id]:
            found[row.kpi_id].append(row.staff)
    return found


def _asked(kpi: KPI, covers: Sequence[Staff]) -> Sequence[Staff]:
    """Who is to enter it: whoever stands in while the owner is away, else the owner."""
    if covers:
        return covers
    return [kpi.holding.staff] if kpi.holding and _enters(kpi.holding.staff) else []


def _enters(person: Staff) -> bool:
    return person.is_active and person.user.is_active and person.access in ENTERS


def _told(practice: Practice, week: Week) -> Mapping[int, frozenset[str]]:
    """The kinds each person has had, by their id."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Reminder.objects.filter(staff__practice=practice, week=week.monday)
    for staff_id, kind in rows.values_list("staff_id", "kind"):
        found[staff_id].add(kind)
    return {staff_id: frozenset(kinds) for staff_id, kinds in found.items()}


def _owed(kpi: KPI, person: Staff) -> Owed:
    holding = kpi.holding
    is_own = holding is not None and holding.staff_id == person.pk
    return Owed(
        kpi_id=kpi.pk,
        slug=kpi.slug,
        name=kpi.name,
        holding=(holding.pk, holding.staff_id) if holding else None,
        stands_in_for=holding.staff.name if holding and not is_own else None,
    )


def _reader(person: Staff, told: Mapping[int, frozenset[str]], owed: Sequence[Owed]) -> Reader:
    return Reader(
        staff_id=person.pk,
        name=person.name,
        address=person.user.email,
        wish=person.reminders,
        told=told.get(person.pk, frozenset()),
        owed=tuple(owed),
    )


def _gap(kpi: KPI, asked: Sequence[Staff]) -> Gap:
    return Gap(
        name=kpi.name,
        role=kpi.role.name,
        owner=kpi.holding.staff.name if kpi.holding else None,
        waiting_for=tuple(person.name for person in asked),
    )
