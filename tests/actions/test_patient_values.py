"""actions/patient_values.py: what an acquired patient is worth, from a week on."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import patient_values, practices
from funnel.domain.weeks import Week
from funnel.models import PatientValue
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, close_week, make_practice, root_seat, seat_for

pytestmark = pytest.mark.django_db

RUNNING = Week.running(TODAY)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def set_from(cast, value, from_week=None, *, by=None):
    value = None if value is None else Decimal(value)
    seat = seat_for(by or cast.admin)
    return patient_values.set_from(by=seat, value=value, today=TODAY, from_week=from_week)


def in_force(practice, *weeks):
    return [PatientValue.objects.in_force(practice, week.monday) for week in weeks]


def refusal(error, *args, **kwargs):
    before = PatientValue.history.count()
    with pytest.raises(error) as refused:
        set_from(*args, **kwargs)
    assert PatientValue.history.count() == before
    return getattr(refused.value, "message_dict", None) or str(refused.value)


def test_holds_from_the_running_week_on_and_says_who_and_when(cast):
    row = set_from(cast, "3500.50")
    assert (row.set_by, row.set_at) == (cast.admin.user, timezone.now())
    assert row.history.get().history_user == cast.admin.user
    weeks = [Week.of(BEGAN), WEEK, RUNNING, RUNNING.plus(60)]
    new = Decimal("3500.50")
    assert in_force(cast.practice, *weeks) == [3200, 3200, new, new]


def test_none_hides_money_from_a_week_on(cast):
    set_from(cast, None)
    assert in_force(cast.practice, WEEK, RUNNING) == [3200, None]


def test_what_is_in_force_is_not_set_again(cast):
    assert set_from(cast, 3200) is None
    assert set_from(cast, 3200, WEEK) is None
    assert cast.practice.patient_values.count() == 1


def test_one_of_the_same_week_is_corrected(cast):
    first = set_from(cast, 3500)
    assert set_from(cast, 3600) == first
    past = first.history.order_by("history_id").values_list("history_type", "value")
    assert list(past) == [("+", 3500), ("~", 3600)]


def test_a_value_next_door_stays(cast):
    set_from(cast, 9)
    assert in_force(cast.stranger.practice, RUNNING) == [3200]


def test_a_closed_week_keeps_the_value_it_was_judged_by(cast):
    close_week(cast.manager)
    said = {"from_week": ["The week Nov 16 – 22, 2026 is closed. Choose a week after it."]}
    assert refusal(ValidationError, cast, 3500, WEEK) == said
    assert refusal(ValidationError, cast, 3500, WEEK.plus(-4)) == said
    assert set_from(cast, 3500).from_week == RUNNING.monday


def test_refuses_a_negative_value_and_a_week_before_the_practice_began(cast):
    sentence = "The value of one acquired patient cannot be negative."
    assert sentence in str(refusal(ValidationError, cast, -1))
    assert refusal(ValidationError, cast, 1, Week.of(BEGAN).previous) == {
        "from_week": ["Lumina Aesthetics had not started yet in this week."]
    }


@pytest.mark.parametrize("who", ["viewer", "owner", "manager"])
def test_only_an_admin_sets_it(cast, who):
    sentence = "Only an admin of the practice can set the value of a patient."
    assert refusal(PermissionDenied, cast, 1, by=getattr(cast, who)) == sentence


def test_a_new_practice_has_its_value_from_its_first_week_on():
    practice = make_practice("nova", began_on=date(2026, 9, 2))
    (row,) = practice.patient_values.all()
    assert (row.from_week, row.value) == (date(2026, 8, 31), 3200)


def test_without_one_none_is_stored():
    assert not make_practice("nova", value_per_patient=None).patient_values.exists()


def test_the_value_and_the_lineup_of_the_first_week_move_back_with_the_first_day():
    practice = make_practice("nova", began_on=date(2026, 9, 2))
    practices.change(by=root_seat(practice), began_on=date(2026, 3, 4))
    (row,) = practice.patient_values.all()
    assert row.from_week == practice.lineups.get().from_week == date(2026, 3, 2)


def test_a_value_that_was_set_later_does_not_move_back():
    practice = make_practice("nova", began_on=date(2026, 9, 2), value_per_patient=None)
    patient_values.set_from(by=root_seat(practice), value=Decimal(1), today=TODAY)
    practices.change(by=root_seat(practice), began_on=date(2026, 3, 4))
    assert practice.patient_values.get().from_week == RUNNING.monday


def test_the_settings_set_it_from_the_running_week_on(cast):
    practices.change(by=seat_for(cast.admin), today=TODAY, value_per_patient=Decimal(9))
    assert in_force(cast.practice, WEEK, RUNNING) == [3200, 9]
