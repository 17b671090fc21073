"""actions/ownership.py: one owner at a time, from a day on."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import kpis, ownership, staff
from funnel.models import Ownership
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, make_staff, root_seat, seat_for

pytestmark = pytest.mark.django_db

YESTERDAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 25)
MONDAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def assign(cast, person, starts_on, *, kpi=None, by=None):
    seat = seat_for(by or cast.admin)
    kpi = kpi or cast.appointments
    return ownership.assign(by=seat, kpi=kpi, staff=person, starts_on=starts_on)


def end(cast, ends_on, *, kpi=None, by=None):
    seat = seat_for(by or cast.admin)
    return ownership.end(by=seat, kpi=kpi or cast.appointments, ends_on=ends_on)


def owners(kpi):
    """Everyone who owns or owned the KPI, from which day to which."""
    return list(kpi.ownerships.values_list("staff__name", "starts_on", "ends_on"))


def refusal(error, call, *args, **kwargs):
    """Return the error of a refused call, after checking that nothing changed."""
    before = list(Ownership.history.values_list("pk", flat=True))
    with pytest.raises(error) as refused:
        call(*args, **kwargs)
    assert list(Ownership.history.values_list("pk", flat=True)) == before
    return getattr(refused.value, "message_dict", None) or str(refused.value)


def test_gives_a_kpi_its_first_owner_and_keeps_who_and_when(cast):
    end(cast, YESTERDAY)
    given = assign(cast, cast.stand_in, MONDAY)
    assert given == cast.appointments.ownerships.get(ends_on=None)
    assert (given.staff, given.starts_on) == (cast.stand_in, MONDAY)
    assert (given.assigned_by, given.assigned_at) == (cast.admin.user, timezone.now())


def test_a_new_owner_ends_the_one_before_on_the_day_before(cast):
    assign(cast, cast.stand_in, TODAY)
    assert owners(cast.appointments) == [("Maya", BEGAN, YESTERDAY), ("Sam", TODAY, None)]


def test_a_handover_can_be_set_for_later(cast):
    assign(cast, cast.stand_in, MONDAY)
    assert cast.appointments.ownerships.on(TODAY).get().staff == cast.owner
    assert cast.appointments.ownerships.on(MONDAY).get().staff == cast.stand_in


def test_a_handover_on_the_day_of_another_takes_its_place(cast):
    assign(cast, cast.stand_in, MONDAY)
    assign(cast, make_staff(cast.practice, "Zoe", "Front desk"), MONDAY)
    assert owners(cast.appointments) == [
        ("Maya", BEGAN, date(2026, 11, 29)),
        ("Zoe", MONDAY, None),
    ]


def test_an_ownership_that_was_to_end_is_cut_short_by_an_earlier_handover(cast):
    end(cast, MONDAY)
    assign(cast, cast.stand_in, TODAY)
    assert owners(cast.appointments) == [("Maya", BEGAN, YESTERDAY), ("Sam", TODAY, None)]


def test_a_time_without_an_owner_stays_one(cast):
    end(cast, date(2026, 11, 1))
    assign(cast, cast.stand_in, TODAY)
    assert owners(cast.appointments) == [
        ("Maya", BEGAN, date(2026, 11, 1)),
        ("Sam", TODAY, None),
    ]


def test_the_same_person_can_own_it_again_after_a_time_without(cast):
    end(cast, date(2026, 11, 1))
    assign(cast, cast.owner, TODAY)
    assert owners(cast.appointments) == [
        ("Maya", BEGAN, date(2026, 11, 1)),
        ("Maya", TODAY, None),
    ]


def test_assigning_the_present_owner_again_changes_nothing(cast):
    before = Ownership.history.count()
    assert assign(cast, cast.owner, TODAY) == cast.appointments.ownerships.get()
    assert Ownership.history.count() == before


@pytest.mark.parametrize("who", ["stand_in", "owner"])
def test_refuses_a_day_before_the_last_handover(cast, who):
    assign(cast, cast.stand_in, MONDAY)
    assert refusal(ValidationError, assign, cast, getattr(cast, who), TODAY) == {
        "starts_on": ["Sam owns Appointments from Nov 30, 2026. Choose that day or a later one."]
    }


def test_refuses_someone_of_another_practice(cast):
    assert refusal(ValidationError, assign, cast, cast.stranger, TODAY) == {
        "staff": ["Choose someone of this practice."]
    }


def test_refuses_someone_whose_place_has_ended(cast):
    staff.deactivate(by=seat_for(cast.admin), staff=cast.stand_in, today=TODAY)
    assert refusal(ValidationError, assign, cast, cast.stand_in, TODAY) == {
        "staff": ["Sam no longer works here."]
    }


def test_refuses_someone_who_may_no_longer_sign_in(cast):
    cast.stand_in.user.is_active = False
    cast.stand_in.user.save()
    assert refusal(ValidationError, assign, cast, cast.stand_in, TODAY) == {
        "staff": ["Sam no longer works here."]
    }


def test_refuses_a_viewer_even_with_the_role(cast):
    cast.viewer.roles.set(cast.owner.roles.all())
    assert refusal(ValidationError, assign, cast, cast.viewer, TODAY) == {
        "staff": ["Vic is a viewer. Make them a member first."]
    }


def test_refuses_someone_without_the_role_whatever_their_title(cast):
    cast.member.title = "Front desk lead"
    cast.member.save()
    assert refusal(ValidationError, assign, cast, cast.member, TODAY) == {
        "staff": ["Lee does not hold the role Front desk. Give them the role first."]
    }


def test_refuses_an_archived_kpi(cast):
    kpis.archive(by=seat_for(cast.admin), kpi=cast.appointments, today=TODAY)
    assert refusal(ValidationError, assign, cast, cast.owner, MONDAY) == {
        "staff": ["Appointments is archived."]
    }


def test_ends_an_ownership_after_its_last_day(cast):
    ended = end(cast, TODAY)
    assert ended.assigned_by == cast.admin.user
    assert cast.appointments.ownerships.on(TODAY).exists()
    assert not cast.appointments.ownerships.on(TOMORROW).exists()


def test_refuses_to_end_what_nobody_owns(cast):
    end(cast, TODAY)
    assert refusal(ValidationError, end, cast, TODAY) == {"ends_on": ["Nobody owns Appointments."]}


def test_refuses_to_end_an_ownership_before_it_began(cast):
    assign(cast, cast.stand_in, MONDAY)
    assert refusal(ValidationError, end, cast, TODAY) == {
        "ends_on": ["Sam owns Appointments from Nov 30, 2026. Choose that day or a later one."]
    }


@pytest.mark.parametrize("who", ["viewer", "owner", "stand_in", "manager", "stranger"])
def test_only_an_admin_of_the_practice_says_who_owns_a_kpi(cast, who):
    person = getattr(cast, who)
    sentence = "Only an admin of the practice can assign the owner of a KPI."
    assert refusal(PermissionDenied, assign, cast, cast.stand_in, TODAY, by=person) == sentence
    assert refusal(PermissionDenied, end, cast, TODAY, by=person) == sentence


def test_a_superuser_says_who_owns_a_kpi(cast):
    ownership.assign(
        by=root_seat(cast.practice), kpi=cast.appointments, staff=cast.stand_in, starts_on=TODAY
    )
    assert cast.appointments.ownerships.on(TODAY).get().staff == cast.stand_in


def test_a_handover_leaves_who_did_it_when_and_both_owners_in_the_history(cast):
    assign(cast, cast.stand_in, TODAY)
    first, second = cast.appointments.ownerships.all()
    assert told(first) == [("+", "root@example.com", "Maya", None), changed("Maya", YESTERDAY)]
    assert told(second) == [("+", "ada@lumina.example", "Sam", None)]


def test_a_replaced_handover_still_tells_whom_it_was_meant_for(cast):
    assign(cast, cast.stand_in, MONDAY)
    assign(cast, make_staff(cast.practice, "Zoe", "Front desk"), MONDAY)
    replaced = cast.appointments.ownerships.get(ends_on=None)
    assert told(replaced) == [("+", "ada@lumina.example", "Sam", None), changed("Zoe", None)]


def changed(name, ends_on):
    return ("~", "ada@lumina.example", name, ends_on)


def told(row):
    """Each change: which kind, by whom, the owner's name and the last day afterwards."""
    past = row.history.order_by("history_id").select_related("staff")
    return [(h.history_type, h.history_user.email, h.staff.name, h.ends_on) for h in past]


# Taking it back as of today


def test_withdrawing_ends_what_began_earlier_yesterday(cast):
    ownership.withdraw(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    last = Ownership.objects.get(kpi=cast.leads)
    assert (last.starts_on, last.ends_on) == (BEGAN, YESTERDAY)
    assert Ownership.history.first().history_user == cast.admin.user


def test_withdrawing_undoes_what_began_today_or_later_and_keeps_its_history(cast):
    seat = seat_for(cast.admin)
    tess = make_staff(cast.practice, "Tess", "Marketing")
    ownership.assign(by=seat, kpi=cast.leads, staff=tess, starts_on=TODAY)
    ownership.withdraw(by=seat, kpi=cast.leads, today=TODAY)
    assert list(Ownership.objects.filter(kpi=cast.leads).values_list("ends_on")) == [(YESTERDAY,)]
    undone = Ownership.history.filter(history_type="-").get()
    assert (undone.staff, undone.history_user) == (tess, cast.admin.user)


def test_withdrawing_from_nobody_changes_nothing(cast):
    seat = seat_for(cast.admin)
    ownership.withdraw(by=seat, kpi=cast.leads, today=TODAY)
    before = Ownership.history.count()
    ownership.withdraw(by=seat, kpi=cast.leads, today=TODAY)
    assert Ownership.history.count() == before


@pytest.mark.parametrize("who", ["manager", "stranger"])
def test_only_an_admin_of_the_practice_withdraws(cast, who):
    with pytest.raises(PermissionDenied):
        ownership.withdraw(by=seat_for(getattr(cast, who)), kpi=cast.leads, today=TODAY)
    assert cast.leads.ownerships.get().ends_on is None
