"""Two people saying at once who answers for what."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from funnel.actions import kpis, lineups, ownership, staff
from funnel.domain.weeks import Week
from funnel.models import KPI, Meeting, Ownership, Place, Staff
from tests.cast import make_cast
from tests.factories import TODAY, make_staff, seat_for
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def second_admin(cast):
    return make_staff(cast.practice, "Bea", access=Staff.Access.ADMIN)


def refusals(outcomes):
    """The sentences of those who were refused; any other error is one too many."""
    assert not [e for e in outcomes if isinstance(e, Exception) and not is_refusal(e)]
    return [sentence for e in outcomes if is_refusal(e) for sentence in e.messages]


def is_refusal(outcome):
    return isinstance(outcome, ValidationError)


# Two owners for one KPI


def two_assignments(cast, second_admin, monkeypatch):
    other = make_staff(cast.practice, "Zoe", "Front desk")
    # Seats are taken beforehand: what races is the action alone.
    ada, bea = seat_for(cast.admin), seat_for(second_admin)
    meet_before(monkeypatch, (ownership, "_save"))

    def assign(by, person):
        return lambda: ownership.assign(by=by, kpi=cast.appointments, staff=person, starts_on=TODAY)

    return at_once(assign(ada, cast.stand_in), assign(bea, other))


def test_of_two_owners_named_at_once_one_takes_over_from_the_other(cast, second_admin, monkeypatch):
    outcomes = two_assignments(cast, second_admin, monkeypatch)
    assert refusals(outcomes) == []
    past, present = cast.appointments.ownerships.order_by("starts_on")
    assert (past.staff, past.ends_on) == (cast.owner, date(2026, 11, 23))
    assert (present.starts_on, present.ends_on) == (TODAY, None)
    named = list(present.history.order_by("history_id").values_list("staff__name", flat=True))
    assert sorted(named) == ["Sam", "Zoe"]
    assert present.staff.name == named[-1]


def test_of_two_owners_named_at_once_without_locks_one_ends_in_an_error(
    cast, second_admin, monkeypatch
):
    without_locks(monkeypatch)
    outcomes = two_assignments(cast, second_admin, monkeypatch)
    assert [e for e in outcomes if isinstance(e, IntegrityError | ValidationError)]


# An owner who is just leaving


def assignment_and_leaving(cast, second_admin, monkeypatch):
    ada, bea = seat_for(cast.admin), seat_for(second_admin)
    meet_before(monkeypatch, (ownership, "_save"), (staff, "_set_active"))
    return at_once(
        lambda: ownership.assign(
            by=ada, kpi=cast.appointments, staff=cast.stand_in, starts_on=TODAY
        ),
        lambda: staff.deactivate(by=bea, staff=cast.stand_in, today=TODAY),
    )


def owners_who_left():
    return Ownership.objects.on(TODAY).filter(staff__is_active=False).count()


def test_nobody_becomes_owner_while_their_place_ends(cast, second_admin, monkeypatch):
    outcomes = assignment_and_leaving(cast, second_admin, monkeypatch)
    assert refusals(outcomes) in (
        ["Sam no longer works here."],
        ["Sam owns Appointments. Give it another owner first."],
    )
    assert owners_who_left() == 0


def test_without_locks_someone_owns_a_kpi_and_is_gone(cast, second_admin, monkeypatch):
    without_locks(monkeypatch)
    assert refusals(assignment_and_leaving(cast, second_admin, monkeypatch)) == []
    assert owners_who_left() == 1


# The last two admins


def step_down(by, person):
    return lambda: staff.change(
        by=by,
        staff=person,
        name=person.name,
        title="",
        roles=[],
        access=Staff.Access.MEMBER,
        today=TODAY,
    )


def two_admins_step_down(cast, second_admin, monkeypatch):
    ada, bea = seat_for(cast.admin), seat_for(second_admin)
    meet_before(monkeypatch, (staff, "_save"))
    return at_once(step_down(ada, cast.admin), step_down(bea, second_admin))


def admins(cast):
    return Staff.objects.active().admins().filter(practice=cast.practice).count()


def test_of_the_last_two_admins_one_stays(cast, second_admin, monkeypatch):
    said = refusals(two_admins_step_down(cast, second_admin, monkeypatch))
    assert len(said) == 1
    assert said[0] in {"Ada is the practice's last admin.", "Bea is the practice's last admin."}
    assert admins(cast) == 1


def test_of_the_last_two_admins_none_stays_without_locks(cast, second_admin, monkeypatch):
    without_locks(monkeypatch)
    assert refusals(two_admins_step_down(cast, second_admin, monkeypatch)) == []
    assert admins(cast) == 0


# An owner for a KPI that is just archived


def assignment_and_archiving(cast, second_admin, monkeypatch):
    ada, bea = seat_for(cast.admin), seat_for(second_admin)
    ownership.end(by=ada, kpi=cast.appointments, ends_on=date(2026, 11, 23))
    meet_before(monkeypatch, (ownership, "_save"), (kpis, "_save"))
    return at_once(
        lambda: ownership.assign(
            by=ada, kpi=cast.appointments, staff=cast.owner, starts_on=date(2026, 11, 30)
        ),
        lambda: kpis.archive(by=bea, kpi=cast.appointments, today=TODAY),
    )


def owned_though_archived():
    return Ownership.objects.filter(ends_on=None, kpi__archived_at__isnull=False).count()


def test_a_kpi_gets_no_owner_while_it_is_archived(cast, second_admin, monkeypatch):
    outcomes = assignment_and_archiving(cast, second_admin, monkeypatch)
    assert refusals(outcomes) in ([], ["Appointments is archived."])
    assert KPI.objects.get(pk=cast.appointments.pk).is_archived
    assert owned_though_archived() == 0


def test_without_locks_an_archived_kpi_has_an_owner(cast, second_admin, monkeypatch):
    without_locks(monkeypatch)
    assert refusals(assignment_and_archiving(cast, second_admin, monkeypatch)) == []
    assert owned_though_archived() == 1


# Two changes of the funnel


def two_changes(cast, second_admin, monkeypatch):
    """Ada puts a stage behind leads while Bea puts one behind appointments."""
    ada, bea = seat_for(cast.admin), seat_for(second_admin)
    # Else the second would wait for the first to make the week's row.
    Meeting.objects.create(practice=cast.practice, week=Week.running(TODAY).monday)
    meet_before(monkeypatch, (lineups, "_stamp"))

    def add(by, name, after):
        kpi = KPI(
            practice=cast.practice, name=name, slug=name.lower(), definition=name, role=after.role
        )
        return lambda: kpis.add(by=by, kpi=kpi, today=TODAY, is_stage=True, after=after)

    return at_once(add(ada, "Calls", cast.leads), add(bea, "Attended", cast.appointments))


def stages(cast):
    places = Place.objects.in_force(Week.running(TODAY).monday).filter(
        lineup__practice=cast.practice, is_stage=True
    )
    return list(places.values_list("kpi__slug", flat=True))


BOTH = ["leads", "calls", "appointments", "attended", "patients-acquired"]


def test_of_two_stages_added_at_once_both_have_their_place(cast, second_admin, monkeypatch):
    assert refusals(two_changes(cast, second_admin, monkeypatch)) == []
    assert stages(cast) == BOTH
    assert cast.practice.lineups.count() == 2


def test_of_two_stages_added_at_once_without_locks_one_is_lost_or_an_error(
    cast, second_admin, monkeypatch
):
    without_locks(monkeypatch)
    outcomes = two_changes(cast, second_admin, monkeypatch)
    is_error = any(isinstance(outcome, Exception) for outcome in outcomes)
    assert is_error or stages(cast) != BOTH
