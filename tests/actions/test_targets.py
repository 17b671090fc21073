"""actions/targets.py: what a number aims at, from a week on."""

from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import meetings, targets
from funnel.models import KPI, Target
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_kpi, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def set_from(cast, from_week, value, *, by=None, kpi=None):
    seat = seat_for(by or cast.manager)
    return targets.set_from(
        by=seat, kpi=kpi or cast.leads, from_week=from_week, value=Decimal(value)
    )


def in_force(cast, week):
    (leads,) = KPI.objects.filter(pk=cast.leads.pk).assigned(TODAY, week=week.monday)
    return leads.target


def refusal(error, *args, **kwargs):
    """Return the error of a refused call, after checking that nothing changed."""
    before = list(Target.history.values_list("pk", flat=True))
    with pytest.raises(error) as refused:
        set_from(*args, **kwargs)
    assert list(Target.history.values_list("pk", flat=True)) == before
    return getattr(refused.value, "message_dict", None) or str(refused.value)


def test_sets_a_target_from_a_week_on_and_keeps_who_and_when(cast):
    target = set_from(cast, WEEK, 40)
    assert target == Target.objects.get()
    assert (target.set_by, target.set_at) == (cast.manager.user, timezone.now())
    weeks = [WEEK.previous, WEEK, WEEK.plus(60)]
    assert [in_force(cast, week) for week in weeks] == [None, 40, 40]


def test_a_later_target_leaves_earlier_weeks_theirs(cast):
    set_from(cast, WEEK.previous, 40)
    set_from(cast, WEEK.next, 50)
    weeks = [WEEK.previous, WEEK, WEEK.next]
    assert [in_force(cast, week) for week in weeks] == [40, 40, 50]


def test_an_earlier_target_leaves_later_weeks_theirs(cast):
    set_from(cast, WEEK.next, 50)
    set_from(cast, WEEK.previous, 40)
    assert [in_force(cast, week) for week in [WEEK, WEEK.next]] == [40, 50]


def test_a_target_of_the_same_week_is_corrected(cast):
    first = set_from(cast, WEEK, 40)
    assert set_from(cast, WEEK, 41) == first
    assert Target.objects.get().value == 41


def test_setting_what_is_set_changes_nothing(cast):
    first = set_from(cast, WEEK, 40)
    assert set_from(cast, WEEK, 40, by=cast.admin) == first
    assert Target.history.count() == 1


def test_a_closed_week_keeps_the_target_it_was_judged_by(cast):
    close_week(cast.manager)
    said = {"from_week": ["The week Nov 16 – 22, 2026 is closed. Choose a week after it."]}
    assert refusal(ValidationError, cast, WEEK, 40) == said
    assert refusal(ValidationError, cast, WEEK.plus(-3), 40) == said
    assert set_from(cast, WEEK.next, 40).value == 40


def test_a_reopened_week_takes_another_target(cast):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Wrong target.")
    assert set_from(cast, WEEK, 40).value == 40


def test_a_week_closed_next_door_does_not_matter(cast):
    close_week(cast.stranger)
    assert set_from(cast, WEEK, 40).value == 40


def test_a_count_is_aimed_at_in_whole_numbers(cast):
    assert refusal(ValidationError, cast, WEEK, "40.5") == {
        "value": ["Leads is a count: enter a whole number."]
    }


def test_money_is_aimed_at_with_cents(cast):
    revenue = make_kpi(cast.practice, "Revenue", unit="money")
    assert set_from(cast, WEEK, "40.5", kpi=revenue).value == Decimal("40.5")


def test_refuses_a_negative_target(cast):
    assert refusal(ValidationError, cast, WEEK, -1) == {
        "__all__": ["A target lies between 0 and 999,999,999."]
    }


@pytest.mark.parametrize("who", ["viewer", "marketer", "stand_in", "stranger"])
def test_only_a_manager_of_the_practice_sets_a_target(cast, who):
    said = refusal(PermissionDenied, cast, WEEK, 40, by=getattr(cast, who))
    assert said == "Only a manager of the practice can set a target."


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_a_manager_and_an_admin_set_targets(cast, who):
    assert set_from(cast, WEEK, 40, by=getattr(cast, who)).set_by == getattr(cast, who).user


def test_every_change_leaves_who_and_both_values_in_the_history(cast):
    target = set_from(cast, WEEK, 40)
    set_from(cast, WEEK, 41, by=cast.admin)
    past = target.history.order_by("history_id")
    assert [(h.history_type, h.history_user, h.value) for h in past] == [
        ("+", cast.manager.user, 40),
        ("~", cast.admin.user, 41),
    ]


# Taking one back


def test_a_target_that_is_dropped_leaves_the_one_before_in_force(cast):
    set_from(cast, WEEK.previous, 30)
    target = set_from(cast, WEEK, 40)
    targets.drop(by=seat_for(cast.manager), target=target)
    assert list(Target.objects.values_list("value", flat=True)) == [Decimal(30)]
    gone = Target.history.filter(history_type="-").get()
    assert (gone.value, gone.history_user) == (Decimal(40), cast.manager.user)


def test_a_target_that_a_closed_week_was_judged_by_is_not_dropped(cast):
    target = set_from(cast, WEEK.previous, 30)
    close_week(cast.manager)
    with pytest.raises(ValidationError, match="is closed"):
        targets.drop(by=seat_for(cast.manager), target=target)
    assert Target.objects.exists()


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_only_a_manager_of_the_practice_drops_one(cast, who):
    target = set_from(cast, WEEK, 40)
    with pytest.raises(PermissionDenied):
        targets.drop(by=seat_for(getattr(cast, who)), target=target)
    assert Target.objects.exists()
