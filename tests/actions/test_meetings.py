"""actions/meetings.py: open and closed weeks."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import meetings
from funnel.models import Meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, root_seat, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def test_closes_a_week_and_keeps_who_and_when(cast):
    close_week(cast.manager)
    meeting = Meeting.objects.get()
    assert (meeting.practice, meeting.week) == (cast.practice, WEEK.monday)
    assert meeting.is_closed
    assert (meeting.closed_by, meeting.closed_at) == (cast.manager.user, timezone.now())


def test_closes_one_week_and_no_other(cast):
    close_week(cast.manager)
    close_week(cast.stranger, WEEK.previous)
    assert not meetings.lock(cast.practice, WEEK.previous).is_closed
    assert not meetings.lock(cast.stranger.practice, WEEK).is_closed


def test_closing_a_closed_week_changes_nothing(cast, clock):
    first = close_week(cast.manager)
    clock.shift(60)
    close_week(cast.admin)
    again = Meeting.objects.get()
    assert (again.closed_by, again.closed_at) == (cast.manager.user, first.closed_at)


def test_reopens_a_week_and_keeps_who_when_and_why(cast, clock):
    close_week(cast.manager)
    clock.shift(60)
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason=" Two leads counted twice. ")
    meeting = Meeting.objects.get()
    assert not meeting.is_closed
    assert (meeting.closed_by, meeting.closed_at) == (None, None)
    assert (meeting.reopened_by, meeting.reopened_at) == (cast.admin.user, timezone.now())
    assert meeting.reopened_because == "Two leads counted twice."


def test_reopening_an_open_week_changes_nothing(cast):
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="To be sure.")
    meeting = Meeting.objects.get()
    assert (meeting.reopened_by, meeting.reopened_because) == (None, "")


def test_a_reopened_week_can_be_closed_again_and_still_tells_why_it_was_reopened(cast):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Two leads counted twice.")
    close_week(cast.admin)
    meeting = Meeting.objects.get()
    assert meeting.closed_by == cast.admin.user
    assert meeting.reopened_because == "Two leads counted twice."


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_refuses_to_reopen_without_a_reason(cast, reason):
    close_week(cast.manager)
    with pytest.raises(ValidationError) as refused:
        meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason=reason)
    assert refused.value.message_dict == {"reason": ["Say why the week is opened again."]}
    assert Meeting.objects.get().is_closed


@pytest.mark.parametrize("who", ["viewer", "owner", "stand_in"])
def test_only_a_manager_closes_and_reopens(cast, who):
    seat = seat_for(getattr(cast, who))
    with pytest.raises(PermissionDenied, match=r"Only a manager closes a week\."):
        meetings.close(by=seat, week=WEEK, today=TODAY, seen=dict)
    assert not Meeting.objects.exists()
    close_week(cast.manager)
    with pytest.raises(PermissionDenied, match=r"Only a manager reopens a week\."):
        meetings.reopen(by=seat, week=WEEK, reason="Please.")
    assert Meeting.objects.get().is_closed


def test_a_superuser_without_a_place_closes(cast):
    meetings.close(by=root_seat(cast.practice), week=WEEK, today=TODAY, seen=dict)
    assert Meeting.objects.get().closed_by == cast.superuser


def test_the_lock_makes_the_weeks_meeting_once(cast):
    made = meetings.lock(cast.practice, WEEK)
    assert meetings.lock(cast.practice, WEEK) == made == Meeting.objects.get()
    assert not made.is_closed


def test_the_lock_costs_one_query_and_three_the_first_time(cast, django_assert_num_queries):
    with django_assert_num_queries(3):
        meetings.lock(cast.practice, WEEK)
    with django_assert_num_queries(1):
        meetings.lock(cast.practice, WEEK)
