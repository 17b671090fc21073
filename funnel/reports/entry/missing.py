"""Missing numbers, for reminders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from funnel.access import ENTERS
from funnel.domain.weeks import Week
from funnel.models import KPI, Assignment, Meeting, Practice, Reminder, Staff, StandIn, WeeklyEntry


@dataclass(frozen=True, slots=True)
class MissingEntry:
    """`holding` is (ownership id, owner id)."""

    kpi_id: int
    slug: str
    name: str
    holding: tuple[int, int] | None
    stands_in_for: str | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """With reminder kinds already sent; managers have no `owed`."""

    staff_id: int
    name: str
    address: str
    wish: str
    told: frozenset[str]
    owed: tuple[MissingEntry, ...]


@dataclass(frozen=True, slots=True)
class UnreportedKPI:
    """`waiting_for` is empty if nobody could be reminded."""

    name: str
    role: str
    owner: str | None
    waiting_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingReport:
    practice_name: str
    week: Week
    owing: tuple[Recipient, ...]
    managers: tuple[Recipient, ...]
    missing: tuple[UnreportedKPI, ...]
    unowned: tuple[UnreportedKPI, ...]


def build_missing(practice: Practice, week: Week, *, today: date) -> MissingReport:
    """Missing entered KPIs with today's owners. Six queries.

    Empty before the first week and after the meeting started.
    """
    nothing = MissingReport(practice.name, week, (), (), (), ())
    meetings = Meeting.objects.filter(practice=practice, week=week.monday)
    if not practice.has_begun_by(week) or meetings.begun().exists():
        return nothing
    assigned = _assigned(practice, week, today)
    entered = WeeklyEntry.objects.filter(practice=practice, week=week.monday)
    is_in = set(entered.order_by().values_list("kpi_id", flat=True))
    missing = [one for one in assigned if one.kpi.pk not in is_in]
    unowned = [one for one in assigned if one.owner is None]
    if not missing and not unowned:
        return nothing
    covers = _stand_ins([one.kpi for one in missing], today)
    asked = {one.kpi.pk: _asked(one, covers.get(one.kpi.pk, ())) for one in missing}
    told = _told(practice, week)
    owed: dict[int, list[MissingEntry]] = defaultdict(list)
    people: dict[int, Staff] = {}
    for one in missing:
        for person in filter(_is_mailed, asked[one.kpi.pk]):
            people[person.pk] = person
            owed[person.pk].append(_owed(one, person))
    managers = practice.staff.seated().managers().select_related("user").order_by("name", "id")
    return MissingReport(
        practice_name=practice.name,
        week=week,
        owing=tuple(_reader(people[pk], told, owed[pk]) for pk in owed),
        managers=tuple(_reader(person, told, ()) for person in managers),
        missing=tuple(_gap(one, asked[one.kpi.pk]) for one in missing if one.owner),
        unowned=tuple(_gap(one, asked.get(one.kpi.pk, ())) for one in unowned),
    )


def _assigned(practice: Practice, week: Week, day: date) -> Sequence[Assignment]:
    kpis = practice.kpis.active().entered().reviewed(week.monday)
    return kpis.assigned(day)


def _stand_ins(kpis: Iterable[KPI], day: date) -> Mapping[int, Sequence[Staff]]:
    found: dict[int, list[Staff]] = defaultdict(list)
    rows = StandIn.objects.on(day).filter(kpi__in=[kpi.pk for kpi in kpis])
    for row in rows.select_related("staff__user").order_by("staff__name", "pk"):
        if _enters(row.staff) and row.staff not in found[row.kpi_id]:
            found[row.kpi_id].append(row.staff)
    return found


def _asked(assignment: Assignment, covers: Sequence[Staff]) -> Sequence[Staff]:
    if covers:
        return covers
    owner = assignment.owner
    return [owner] if owner and _enters(owner) else []


def _enters(person: Staff) -> bool:
    return person.is_active and person.user.is_active and person.access in ENTERS


def _is_mailed(person: Staff) -> bool:
    """Pending members get no mail but are listed, so that the list does not reveal them."""
    return person.has_accepted


def _told(practice: Practice, week: Week) -> Mapping[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = Reminder.objects.filter(staff__practice=practice, week=week.monday)
    for staff_id, kind in rows.values_list("staff_id", "kind"):
        found[staff_id].add(kind)
    return {staff_id: frozenset(kinds) for staff_id, kinds in found.items()}


def _owed(assignment: Assignment, person: Staff) -> MissingEntry:
    kpi, ownership, owner = assignment.kpi, assignment.ownership, assignment.owner
    return MissingEntry(
        kpi_id=kpi.pk,
        slug=kpi.slug,
        name=kpi.name,
        holding=(ownership.pk, ownership.staff_id) if ownership else None,
        stands_in_for=owner.name if owner and owner.pk != person.pk else None,
    )


def _reader(
    person: Staff, told: Mapping[int, frozenset[str]], owed: Sequence[MissingEntry]
) -> Recipient:
    return Recipient(
        staff_id=person.pk,
        name=person.name,
        address=person.user.email,
        wish=person.reminders,
        told=told.get(person.pk, frozenset()),
        owed=tuple(owed),
    )


def _gap(assignment: Assignment, asked: Sequence[Staff]) -> UnreportedKPI:
    owner = assignment.owner
    return UnreportedKPI(
        name=assignment.kpi.name,
        role=assignment.kpi.role.name,
        owner=owner.name if owner else None,
        waiting_for=tuple(person.name for person in asked),
    )
