"""actions/batches.py: many numbers at once, all or none."""

from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions.batches import Number, NumbersRefused, record_all
from funnel.actions.refusals import Closed, Doubtful, SavedInBetween
from funnel.models import Meeting, WeeklyEntry
from tests.cast import make_cast
from tests.factories import WEEK, close_week, make_entry, stand_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def number(person, slug, value, week=WEEK, **how):
    given = {"reason": "Set up", **how}
    return Number(by=stand_for(person, slug), week=week, value=Decimal(value), **given)


def stored():
    return sorted(WeeklyEntry.objects.values_list("kpi__slug", "week", "value"))


def refusals(*numbers):
    with pytest.raises(NumbersRefused) as refusal:
        record_all(numbers)
    return {place: type(why) for place, why in refusal.value.refusals.items()}


def test_saves_all_and_returns_them_in_the_order_they_came(cast):
    saved = record_all(
        [
            number(cast.manager, "leads", 90),
            number(cast.manager, "appointments", 30, WEEK.previous),
            number(cast.manager, "leads", 80, WEEK.previous),
        ]
    )
    assert [entry.value for entry in saved] == [90, 30, 80]
    assert [entry.is_new for entry in saved] == [True] * 3
    assert stored() == [
        ("appointments", WEEK.previous.monday, 30),
        ("leads", WEEK.previous.monday, 80),
        ("leads", WEEK.monday, 90),
    ]


def test_the_same_again_changes_nothing(cast):
    numbers = [number(cast.manager, "leads", 90), number(cast.manager, "appointments", 30)]
    record_all(numbers)
    history = WeeklyEntry.history.count()
    again = record_all(numbers)
    assert [entry.is_new for entry in again] == [False, False]
    assert WeeklyEntry.history.count() == history


def test_one_that_is_refused_leaves_none_behind_and_each_says_why(cast):
    make_entry(cast.patients, 20)
    close_week(cast.manager, WEEK.plus(-2))
    before = stored()
    assert refusals(
        number(cast.manager, "leads", 90),
        number(cast.manager, "leads", "2.5", WEEK.previous),
        number(cast.manager, "leads", 90, WEEK.plus(-2)),
        number(cast.manager, "patients-acquired", 21),
        number(cast.member, "appointments", 20, WEEK.plus(-3)),
        number(cast.manager, "appointments", 200),
    ) == {
        1: ValidationError,
        2: Closed,
        3: SavedInBetween,
        4: PermissionDenied,
        5: Doubtful,
    }
    assert stored() == before
    assert not Meeting.objects.filter(week=WEEK.previous.monday).exists()


def test_a_number_that_stands_there_twice_is_refused(cast):
    twice = [number(cast.manager, "leads", 90), number(cast.manager, "leads", 91)]
    with pytest.raises(NumbersRefused) as refusal:
        record_all(twice)
    (why,) = refusal.value.refusals.values()
    assert why.message_dict == {"value": ["This number stands in the batch twice: send it once."]}
    assert stored() == []


def test_none_at_all_is_no_error():
    assert record_all([]) == []
