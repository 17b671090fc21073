"""actions/baselines.py: when limits freeze, and what moves them then."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from funnel.actions import baselines, kpis
from funnel.domain.variation import limits
from funnel.domain.weeks import Week
from funnel.models import KPI, Baseline, WeeklyEntry
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, make_kpi, make_numbers, root_seat, seat_for

pytestmark = pytest.mark.django_db

# Wheeler, Making Sense of Data, p. 382, its first 15 twice over.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685, 3463)
TWICE = WHEELER * 2
TOO_LONG = "Ensure this value has at most 200 characters (it has 201)."


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def refresh(kpi, week=WEEK, today=TODAY):
    with transaction.atomic():
        baselines.refresh(kpi_id=kpi.pk, week=week, today=today)


def correct(kpi, week, value):
    """Puts another number in, as `entries.record` does."""
    changed = WeeklyEntry.objects.filter(kpi=kpi, week=week.monday).update(value=value)
    assert changed == 1
    refresh(kpi, week)


def kept(kpi):
    """(from week, frozen week, mean, mean range) of each baseline."""
    rows = Baseline.objects.filter(kpi=kpi)
    return list(rows.values_list("from_week", "frozen_week", "mean", "mean_range"))


def told(values):
    found = limits(values)
    return found.mean, found.mean_range


def begin(cast, from_week, reason="Two more phone lines.", *, by=None, kpi=None):
    seat = seat_for(by or cast.manager)
    return baselines.begin(
        by=seat, kpi=kpi or cast.leads, from_week=from_week, reason=reason, today=TODAY
    )


# Freezing


def test_freezes_with_the_twentieth_completed_week(cast):
    make_numbers(cast.leads, TWICE[:19])
    refresh(cast.leads)
    assert kept(cast.leads) == []
    make_numbers(cast.leads, TWICE[19:20], last=WEEK.next)
    refresh(cast.leads, WEEK.next)
    assert kept(cast.leads) == []
    refresh(cast.leads, WEEK.next, today=WEEK.plus(2).monday)
    assert kept(cast.leads) == [(None, WEEK.next.monday, *told(TWICE[:20]))]


def test_published_limits_are_those_of_the_first_twenty(cast):
    make_numbers(cast.leads, TWICE)
    refresh(cast.leads)
    ((_, frozen_week, mean, mean_range),) = kept(cast.leads)
    assert frozen_week == WEEK.plus(-10).monday
    assert mean - 2.66 * mean_range == pytest.approx(3229.24, abs=0.01)
    assert mean + 2.66 * mean_range == pytest.approx(5068.56, abs=0.01)


def test_missing_weeks_are_no_part_of_the_twenty_and_no_range_crosses_them(cast):
    values = [*TWICE[:10], None, None, *TWICE[10:22]]
    make_numbers(cast.leads, values)
    refresh(cast.leads)
    assert kept(cast.leads) == [(None, WEEK.plus(-2).monday, *told(values[:22]))]


def test_twenty_weeks_of_which_no_two_are_neighbours_have_no_limits(cast):
    make_numbers(cast.leads, [30, None] * 25)
    refresh(cast.leads, WEEK.previous)
    assert kept(cast.leads) == []


def test_a_correction_inside_the_twenty_moves_the_limits_and_a_later_one_never_does(cast):
    make_numbers(cast.leads, TWICE)
    refresh(cast.leads)
    frozen = kept(cast.leads)
    for week in (WEEK, WEEK.plus(-9)):
        correct(cast.leads, week, 9999)
        assert kept(cast.leads) == frozen
    correct(cast.leads, WEEK.plus(-29), 4045)
    (moved,) = kept(cast.leads)
    assert moved[1:] == (WEEK.plus(-10).monday, *told([4045, *TWICE[1:20]]))


def test_a_number_filled_in_within_the_twenty_becomes_one_of_them(cast):
    make_numbers(cast.leads, [*TWICE[:5], None, *TWICE[6:24]])
    refresh(cast.leads)
    assert kept(cast.leads)[0][1] == WEEK.plus(-3).monday
    make_numbers(cast.leads, [TWICE[5]], last=WEEK.plus(-18))
    refresh(cast.leads, WEEK.plus(-18))
    assert kept(cast.leads) == [(None, WEEK.plus(-4).monday, *told(TWICE[:20]))]


def test_limits_are_let_go_where_twenty_are_no_longer_there(cast):
    make_numbers(cast.leads, TWICE[:20])
    refresh(cast.leads)
    WeeklyEntry.objects.filter(kpi=cast.leads, week=WEEK.monday).delete()
    refresh(cast.leads)
    assert kept(cast.leads) == [(None, None, None, None)]


def test_a_number_of_another_kpi_counts_nowhere_else(cast):
    make_numbers(cast.leads, TWICE[:19])
    make_numbers(cast.patients, TWICE)
    refresh(cast.leads)
    refresh(cast.patients)
    assert kept(cast.leads) == []
    assert len(kept(cast.patients)) == 1


@pytest.mark.parametrize("count", [5, 300])
def test_three_statements_when_there_is_nothing_to_keep(cast, django_assert_num_queries, count):
    make_numbers(cast.leads, (TWICE * 10)[:count])
    first = WEEK.plus(1 - count)
    refresh(cast.leads, first)
    with transaction.atomic(), django_assert_num_queries(3):
        baselines.refresh(kpi_id=cast.leads.pk, week=first, today=TODAY)


# A new one


def test_begins_with_who_when_and_why_and_earlier_weeks_keep_their_limits(cast):
    make_numbers(cast.leads, TWICE)
    refresh(cast.leads)
    first = kept(cast.leads)
    begun = begin(cast, WEEK.plus(-5), "  Two more phone lines. ")
    assert begun == Baseline.objects.get(from_week=WEEK.plus(-5).monday)
    assert (begun.begun_by, begun.begun_at) == (cast.manager.user, timezone.now())
    assert begun.reason == "Two more phone lines."
    assert not begun.is_frozen
    assert kept(cast.leads)[:1] == first


def test_one_that_begins_among_the_twenty_leaves_both_with_their_own_numbers(cast):
    make_numbers(cast.leads, TWICE)
    refresh(cast.leads)
    begun = begin(cast, WEEK.plus(-19))
    assert begun.is_frozen
    assert kept(cast.leads) == [
        (None, None, None, None),
        (begun.from_week, WEEK.monday, *told(TWICE[10:])),
    ]


def test_one_between_two_takes_the_weeks_up_to_the_next(cast):
    make_numbers(cast.leads, TWICE)
    begin(cast, WEEK.plus(-4))
    begin(cast, WEEK.plus(-25))
    starts = [None, WEEK.plus(-25).monday, WEEK.plus(-4).monday]
    assert [row[0] for row in kept(cast.leads)] == starts
    second = Baseline.objects.get(kpi=cast.leads, from_week=starts[1])
    assert (second.frozen_week, second.mean) == (WEEK.plus(-6).monday, told(TWICE[4:24])[0])


def test_of_a_calculated_kpi_nothing_is_kept(cast):
    total = make_kpi(
        cast.practice, "Leads of a month", calculation="total", source=cast.leads, window=4
    )
    begun = begin(cast, WEEK.plus(-25), kpi=total)
    assert kept(total) == [(begun.from_week, None, None, None)]


@pytest.mark.parametrize(
    ("from_week", "reason", "said"),
    [
        (WEEK, "  ", {"reason": ["Say why a new baseline begins."]}),
        (
            WEEK,
            "x" * 201,
            {"reason": ["Ensure this value has at most 200 characters (it has 201)."]},
        ),
        (WEEK.plus(2), "Why", {"from_week": ["This week has not begun yet."]}),
        (
            Week.of(BEGAN).previous,
            "Why",
            {"from_week": ["Lumina Aesthetics had not begun yet in this week."]},
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
    assert refused.value.message_dict == {"from_week": ["A baseline already begins in this week."]}
    assert Baseline.objects.get().reason == "Two more phone lines."


def test_an_archived_kpi_begins_none(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY - timedelta(days=1))
    with pytest.raises(ValidationError) as refused:
        begin(cast, WEEK, kpi=KPI.objects.get(pk=cast.leads.pk))
    assert refused.value.message_dict == {
        "from_week": ["Leads is archived and begins no new baseline."]
    }


@pytest.mark.parametrize("who", ["viewer", "marketer", "stand_in", "stranger"])
def test_only_a_manager_of_the_practice_begins_one(cast, who):
    with pytest.raises(PermissionDenied):
        begin(cast, WEEK, by=getattr(cast, who))
    assert not Baseline.objects.exists()
