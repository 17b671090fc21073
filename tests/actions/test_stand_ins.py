"""actions/stand_ins.py: who enters a number while its owner is away."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import staff, stand_ins
from funnel.models import StandIn
from tests.cast import make_cast
from tests.factories import TODAY, seat_for

pytestmark = pytest.mark.django_db

YESTERDAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def name(cast, person, *, by=None, starts_on=TODAY, ends_on=TODAY):
    seat = seat_for(by or cast.admin)
    return stand_ins.name(
        by=seat, kpi=cast.leads, staff=person, starts_on=starts_on, ends_on=ends_on
    )


def refusal(error, call, *args, **kwargs):
    """Return the error of a refused call, after checking that nothing changed."""
    before = list(StandIn.history.values_list("pk", flat=True))
    with pytest.raises(error) as refused:
        call(*args, **kwargs)
    assert list(StandIn.history.values_list("pk", flat=True)) == before
    return getattr(refused.value, "messages", None) or str(refused.value)


def test_names_a_stand_in_and_keeps_who_and_when(cast):
    named = name(cast, cast.member, ends_on=TOMORROW)
    assert named == cast.leads.stand_ins.get()
    assert (named.staff, named.starts_on, named.ends_on) == (cast.member, TODAY, TOMORROW)
    assert (named.named_by, named.named_at) == (cast.admin.user, timezone.now())


def test_a_stand_in_needs_no_role(cast):
    assert not cast.member.roles.filter(pk=cast.leads.role_id).exists()
    assert name(cast, cast.member).staff == cast.member


def test_stands_in_on_the_first_and_the_last_day_and_on_no_other(cast):
    name(cast, cast.member, starts_on=YESTERDAY, ends_on=TODAY)
    days = [date(2026, 11, 22), YESTERDAY, TODAY, TOMORROW]
    assert [cast.leads.stand_ins.on(day).exists() for day in days] == [False, True, True, False]


def test_refuses_someone_of_another_practice(cast):
    said = refusal(ValidationError, name, cast, cast.stranger)
    assert said == ["Choose someone of this practice."]


def test_refuses_someone_whose_place_has_ended(cast):
    gone = staff.deactivate(by=seat_for(cast.admin), staff=cast.member, today=TODAY)
    assert refusal(ValidationError, name, cast, gone) == ["Lee no longer works here."]


def test_refuses_someone_who_may_no_longer_sign_in(cast):
    cast.member.user.is_active = False
    cast.member.user.save()
    assert refusal(ValidationError, name, cast, cast.member) == ["Lee no longer works here."]


def test_refuses_a_viewer(cast):
    said = refusal(ValidationError, name, cast, cast.viewer)
    assert said == ["Vic is a viewer. Make them a member first."]


def test_refuses_a_last_day_before_the_first(cast):
    said = refusal(ValidationError, name, cast, cast.member, ends_on=YESTERDAY)
    assert said == ["A stand-in cannot end before it starts."]


def test_ends_a_stand_in_early(cast):
    named = name(cast, cast.member, ends_on=TOMORROW)
    stand_ins.end(by=seat_for(cast.admin), stand_in=named, ends_on=TODAY)
    assert cast.leads.stand_ins.get().ends_on == TODAY


def test_refuses_to_end_a_stand_in_before_it_began(cast):
    named = name(cast, cast.member)
    seat = seat_for(cast.admin)
    said = refusal(ValidationError, stand_ins.end, by=seat, stand_in=named, ends_on=YESTERDAY)
    assert said == ["A stand-in cannot end before it starts."]


@pytest.mark.parametrize("who", ["viewer", "marketer", "manager", "stranger"])
def test_only_an_admin_of_the_practice_names_and_ends_stand_ins(cast, who):
    named = name(cast, cast.member)
    person = getattr(cast, who)
    sentence = "Only an admin of the practice can name a stand-in."
    assert refusal(PermissionDenied, name, cast, cast.member, by=person) == sentence
    seat = seat_for(person)
    said = refusal(PermissionDenied, stand_ins.end, by=seat, stand_in=named, ends_on=TODAY)
    assert said == sentence


def test_every_change_leaves_who_and_both_last_days_in_the_history(cast):
    named = name(cast, cast.member, ends_on=TOMORROW)
    stand_ins.end(by=seat_for(cast.admin), stand_in=named, ends_on=TODAY)
    past = named.history.order_by("history_id")
    assert [(h.history_type, h.history_user, h.ends_on) for h in past] == [
        ("+", cast.admin.user, TOMORROW),
        ("~", cast.admin.user, TODAY),
    ]
