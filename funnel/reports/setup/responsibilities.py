from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from funnel.models import KPI, Ownership, Practice, Staff, StandIn

Duty = TypeVar("Duty", Ownership, StandIn)


@dataclass(frozen=True, slots=True)
class Tenure:
    """Both days inclusive."""

    name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Responsibility:
    """`owners` are latest first; `problem` is a sentence or ""."""

    kpi_id: int
    slug: str
    name: str
    definition: str
    role: str
    owner: Tenure | None
    next_owner: Tenure | None
    owners: tuple[Tenure, ...]
    stand_ins: tuple[Tenure, ...]
    later_stand_ins: tuple[Tenure, ...]
    problem: str
    could_own: tuple[str, ...]

    @property
    def is_unowned(self) -> bool:
        return self.owner is None


@dataclass(frozen=True, slots=True)
class Responsibilities:
    """In funnel order; `admins` can solve the `problems`."""

    admins: tuple[str, ...]
    problems: tuple[Responsibility, ...]
    settled: tuple[Responsibility, ...]


def build_responsibilities(practice: Practice, *, today: date) -> Responsibilities:
    """Five queries."""
    kpis = practice.current_kpis(today).in_order().select_related("role")
    ownerships = Ownership.objects.filter(kpi__in=kpis).select_related("staff")
    stand_ins = StandIn.objects.filter(kpi__in=kpis, ends_on__gte=today).select_related("staff")
    held = _by_kpi(ownerships.order_by("-starts_on"))
    covered = _by_kpi(stand_ins.order_by("starts_on"))
    team = list(practice.staff.active().prefetch_related("roles"))
    lines = [
        _responsibility(kpi, held.get(kpi.pk, []), covered.get(kpi.pk, []), team, today)
        for kpi in kpis
    ]
    return Responsibilities(
        admins=tuple(person.name for person in team if person.access == Staff.Access.ADMIN),
        problems=tuple(line for line in lines if line.problem),
        settled=tuple(line for line in lines if not line.problem),
    )


def _by_kpi(duties: Iterable[Duty]) -> Mapping[int, list[Duty]]:
    grouped: dict[int, list[Duty]] = {}
    for duty in duties:
        grouped.setdefault(duty.kpi_id, []).append(duty)
    return grouped


def _responsibility(
    kpi: KPI,
    owned: Sequence[Ownership],
    covered: Sequence[StandIn],
    team: Sequence[Staff],
    today: date,
) -> Responsibility:
    """`owned` is latest first, `covered` earliest first."""
    owner = next((o for o in owned if _is_on(o, today)), None)
    coming = [o for o in owned if o.starts_on > today]
    could_own = [person for person in team if _may_own(person, kpi)]
    return Responsibility(
        kpi_id=kpi.pk,
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        role=kpi.role.name,
        owner=_tenure(owner) if owner else None,
        next_owner=_tenure(coming[-1]) if coming else None,
        owners=tuple(map(_tenure, owned)),
        stand_ins=tuple(_tenure(s) for s in covered if s.starts_on <= today),
        later_stand_ins=tuple(_tenure(s) for s in covered if s.starts_on > today),
        problem=_problem(kpi, owner.staff if owner else None, team),
        could_own=tuple(p.name for p in could_own if owner is None or p != owner.staff),
    )


def _problem(kpi: KPI, owner: Staff | None, team: Sequence[Staff]) -> str:
    if owner is None:
        return f"{kpi.name} has no owner."
    present = next((person for person in team if person == owner), None)
    if present is None:
        return f"{owner.name} owns {kpi.name} but no longer works here."
    if kpi.role not in present.roles.all():
        return f"{owner.name} owns {kpi.name} without holding the role {kpi.role.name}."
    return ""


def _may_own(person: Staff, kpi: KPI) -> bool:
    return person.access != Staff.Access.VIEWER and kpi.role in person.roles.all()


def _is_on(ownership: Ownership, day: date) -> bool:
    is_over = ownership.ends_on is not None and ownership.ends_on < day
    return ownership.starts_on <= day and not is_over


def _tenure(duty: Ownership | StandIn) -> Tenure:
    return Tenure(duty.staff.name, duty.starts_on, duty.ends_on)
