"""The people of the tests: one practice with everybody in it, and a stranger from the next."""

from dataclasses import dataclass
from datetime import timedelta

import time_machine

from funnel.models import KPI, Practice, Staff, User
from tests.factories import (
    BEGAN,
    TODAY,
    make_ownership,
    make_practice,
    make_staff,
    make_stand_in,
    make_superuser,
)
from tests.kept import Kept


@dataclass(frozen=True)
class Cast:
    """`owner` (Maya, Front desk) owns appointments; `marketer` (Tom, an office manager with the
    Marketing role) owns leads; `coordinator` (Dana) owns patients acquired; `stand_in` (Sam) enters
    for Maya this week; `member` owns nothing. The stranger is admin next door."""

    practice: Practice
    leads: KPI
    appointments: KPI
    patients: KPI
    owner: Staff
    marketer: Staff
    coordinator: Staff
    stand_in: Staff
    member: Staff
    viewer: Staff
    manager: Staff
    admin: Staff
    stranger: Staff
    superuser: User


def make_cast() -> Cast:
    """Everybody, at Lumina, with every KPI owned; the stranger is at Harbor.

    Created once through the actions, in about 580 statements, and restored by about 20 for every
    further test.
    """
    return _kept()


# The same day whatever the clock of the test that happens to be the first.
@time_machine.travel(BEGAN, tick=False)
def _make() -> Cast:
    practice = make_practice("lumina", name="Lumina Aesthetics")
    harbor = make_practice("harbor", name="Harbor Skin & Laser")
    kpis = {kpi.slug: kpi for kpi in practice.kpis.all()}
    owner = make_staff(practice, "Maya", "Front desk")
    marketer = make_staff(practice, "Tom", "Marketing")
    coordinator = make_staff(practice, "Dana", "Patient coordinator")
    stand_in = make_staff(practice, "Sam", "Front desk")
    make_ownership(kpis["appointments"], owner)
    make_ownership(kpis["leads"], marketer)
    make_ownership(kpis["patients-acquired"], coordinator)
    week = timedelta(days=7)
    make_stand_in(kpis["appointments"], stand_in, TODAY - week, TODAY + week)
    return Cast(
        practice=practice,
        leads=kpis["leads"],
        appointments=kpis["appointments"],
        patients=kpis["patients-acquired"],
        owner=owner,
        marketer=marketer,
        coordinator=coordinator,
        stand_in=stand_in,
        member=make_staff(practice, "Lee", "Doctor"),
        viewer=make_staff(practice, "Vic", access=Staff.Access.VIEWER),
        manager=make_staff(practice, "Ana", "Management", access=Staff.Access.MANAGER),
        admin=make_staff(practice, "Ada", access=Staff.Access.ADMIN),
        stranger=make_staff(harbor, "Hal", access=Staff.Access.ADMIN),
        superuser=make_superuser(),
    )


_kept = Kept(_make)
