"""actions/baselines.py: from which week on a usual range is computed."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import baselines, kpis
from funnel.domain.weeks import Week
from funnel.models import KPI, Baseline
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, make_kpi, root_seat, seat_for

pytestmark = pytest.mark.django_db

RUNNING = Week.running(TODAY)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def begin(cast, from_week, reason="Two more phone lines.", *, by=None, kpi=None):
    seat = seat_for(by or cast.manager)
    return baselines.begin(
        by=seat, kpi=kpi or cast.leads, from_week=from_week, reason=reason, today=TODAY
    )


def end(cast, from_week=None, *, by=None):
    seat = seat_for(by or cast.manager)
    return baselines.end(by=seat, kpi=cast.leads, today=TODAY, from_week=from_week)


def test_begins_with_who_when_and_why(cast):
    begun = begin(cast, WEEK.plus(-5), "  Two more phone lines. ")
    assert begun == Baseline.objects.get(from_week=WEEK.plus(-5).monday)
    assert (begun.begun_by, begun.begun_at) == (cast.manager.user, timezone.now())
    assert begun.reason == "Two more phone lines."
    assert begun.ended_week is None


def test_one_begins_before_another(cast):
    begin(cast, WEEK.plus(-4))
    begin(cast, WEEK.plus(-25))
    weeks = list(cast.leads.baselines.values_list("from_week", flat=True))
    assert weeks == [WEEK.plus(-25).monday, WEEK.plus(-4).monday]


def test_a_calculated_kpi_has_one_too(cast):
    total = make_kpi(
        cast.practice, "Leads of a month", calculation="total", source=cast.leads, window=4
    )
    assert begin(cast, WEEK.plus(-25), kpi=total).kpi == total


@pytest.mark.parametrize(
    ("from_week", "reason", "said"),
    [
        (WEEK, "  ", {"reason": ["Enter a reason for the new baseline."]}),
        (
            WEEK,
            "x" * 201,
            {"reason": ["Ensure this value has at most 200 characters (it has 201)."]},
        ),
        (WEEK.plus(2), "Why", {"from_week": ["This week has not started yet."]}),
        (
            Week.of(BEGAN).previous,
            "Why",
            {"from_week": ["Lumina Aesthetics had not started yet in this week."]},
        ),
    ],
)
def test_refuses_what_cannot_stand_and_changes_nothing(cast, from_week, reason, said):
    with pytest.raises(ValidationError) as refused:
        begin(cast, from_week, reason)
    assert refused.value.message_dict == said
    assert not Baseline.objects.exists()


def test_refuses_a_second_one_of_the_same_week(cast):
    begin(cast, WEEK)
    with pytest.raises(ValidationError) as refused:
        begin(cast, WEEK, "Again")
    assert refused.value.message_dict == {"from_week": ["A baseline already starts in this week."]}
    assert Baseline.objects.get().reason == "Two more phone lines."


def test_an_archived_kpi_begins_none(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY - timedelta(days=1))
    with pytest.raises(ValidationError) as refused:
        begin(cast, WEEK, kpi=KPI.objects.get(pk=cast.leads.pk))
    assert refused.value.message_dict == {
        "from_week": ["Leads is archived: it cannot get a new baseline."]
    }


@pytest.mark.parametrize("who", ["viewer", "marketer", "stand_in", "stranger"])
def test_only_a_manager_of_the_practice_begins_one(cast, who):
    with pytest.raises(PermissionDenied):
        begin(cast, WEEK, by=getattr(cast, who))
    assert not Baseline.objects.exists()


# Taking it away


def test_ends_from_the_running_week_on_with_who_and_when(cast):
    begun = begin(cast, WEEK.plus(-5))
    ended = end(cast)
    assert ended == begun
    stored = Baseline.objects.get()
    assert (stored.ended_week, stored.ended_by) == (RUNNING.monday, cast.manager.user)
    assert stored.ended_at == timezone.now()


def test_ends_the_one_in_force_in_that_week(cast):
    first, second = begin(cast, WEEK.plus(-9)), begin(cast, WEEK.plus(-2))
    assert end(cast, WEEK.plus(-4)) == first
    assert end(cast) == second


def test_an_ended_one_can_end_earlier(cast):
    begin(cast, WEEK.plus(-5))
    end(cast)
    assert end(cast, WEEK).ended_week == WEEK.monday


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        (RUNNING.next, "This week has not started yet."),
        (WEEK.plus(-6), "Leads has no baseline in this week."),
        (WEEK.plus(-5), "The baseline starts in this week. Choose a later one."),
    ],
)
def test_refuses_to_end_what_is_not_in_force(cast, week, sentence):
    begin(cast, WEEK.plus(-5))
    with pytest.raises(ValidationError) as refused:
        end(cast, week)
    assert refused.value.message_dict == {"from_week": [sentence]}
    assert Baseline.objects.get().ended_week is None


def test_what_has_ended_does_not_end_again(cast):
    begin(cast, WEEK.plus(-5))
    end(cast, WEEK.previous)
    with pytest.raises(ValidationError):
        end(cast)


@pytest.mark.parametrize("who", ["viewer", "marketer", "stand_in", "stranger"])
def test_only_a_manager_of_the_practice_ends_one(cast, who):
    begin(cast, WEEK.plus(-5))
    with pytest.raises(PermissionDenied):
        end(cast, by=getattr(cast, who))
