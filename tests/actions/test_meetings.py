"""actions/meetings.py: open and closed weeks."""

from datetime import date
from functools import partial

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import meetings
from funnel.domain.weeks import Week
from funnel.models import Meeting, Message, Snapshot
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, root_seat, seat_for

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
    assert refused.value.message_dict == {"reason": ["Enter a reason for reopening the week."]}
    assert Meeting.objects.get().is_closed


@pytest.mark.parametrize("who", ["viewer", "owner", "stand_in"])
def test_only_a_manager_closes_and_reopens(cast, who):
    seat = seat_for(getattr(cast, who))
    with pytest.raises(PermissionDenied, match=r"Only a manager can close a week\."):
        meetings.close(by=seat, week=WEEK, today=TODAY, seen=dict)
    assert not Meeting.objects.exists()
    close_week(cast.manager)
    with pytest.raises(PermissionDenied, match=r"Only a manager can reopen a week\."):
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


# The clock


def seconds():
    meeting = Meeting.objects.get()
    now = timezone.now()
    return tuple(meeting.seconds(part, now) for part in Meeting.Part)


def run(verb, cast, **how):
    return verb(by=seat_for(cast.manager), week=WEEK, today=TODAY, **how)


def test_the_clock_counts_each_part_and_stands_while_paused(cast, clock):
    meeting = run(meetings.start, cast)
    assert (meeting.part, meeting.started_by) == ("numbers", cast.manager.user)
    clock.shift(61)
    run(meetings.turn_to, cast, part="ahead")
    clock.shift(30)
    run(meetings.pause, cast)
    clock.shift(600)
    assert seconds() == (61, 30, 0)
    run(meetings.turn_to, cast, part="issues")
    clock.shift(600)
    assert seconds() == (61, 30, 0)
    run(meetings.resume, cast)
    clock.shift(5)
    assert seconds() == (61, 30, 5)


def test_starting_pausing_and_resuming_again_change_nothing(cast, clock):
    run(meetings.start, cast)
    clock.shift(10)
    run(meetings.start, cast)
    run(meetings.resume, cast)
    run(meetings.turn_to, cast, part="numbers")
    assert (seconds(), Meeting.objects.get().revision) == ((10, 0, 0), 1)
    run(meetings.pause, cast)
    clock.shift(10)
    run(meetings.pause, cast)
    assert (seconds(), Meeting.objects.get().revision) == ((10, 0, 0), 2)


def test_closing_stops_the_clock(cast, clock):
    run(meetings.start, cast)
    clock.shift(90)
    close_week(cast.manager)
    clock.shift(3600)
    assert seconds() == (90, 0, 0)


@pytest.mark.parametrize("verb", [meetings.pause, meetings.resume])
def test_a_meeting_that_has_not_started_has_no_clock(cast, verb):
    with pytest.raises(ValidationError, match="has not been started yet"):
        run(verb, cast)
    assert not Meeting.objects.exists()


def test_refuses_a_part_that_does_not_exist(cast):
    run(meetings.start, cast)
    with pytest.raises(ValidationError) as refused:
        run(meetings.turn_to, cast, part="lunch")
    assert refused.value.message_dict == {"part": ["The meeting has no such part."]}
    assert Meeting.objects.get().part == "numbers"


def test_only_a_manager_runs_the_clock_of_an_open_meeting(cast):
    with pytest.raises(PermissionDenied, match="Only a manager can run the meeting"):
        meetings.start(by=seat_for(cast.owner), week=WEEK, today=TODAY)
    close_week(cast.manager)
    with pytest.raises(ValidationError, match="This meeting is closed"):
        run(meetings.start, cast)


@pytest.mark.parametrize("week", [WEEK.next, WEEK.next.next])
def test_a_week_that_is_not_over_has_no_meeting_yet(cast, week):
    for verb in (meetings.start, partial(meetings.close, seen=dict)):
        with pytest.raises(ValidationError, match="This week has not ended yet"):
            verb(by=seat_for(cast.manager), week=week, today=TODAY)
    assert not Meeting.objects.exists()


def test_a_week_before_the_practice_began_has_no_meeting(cast):
    with pytest.raises(ValidationError, match="had not started yet in this week"):
        meetings.start(by=seat_for(cast.manager), week=Week.of(date(2023, 5, 1)), today=TODAY)


# What the team saw


def test_the_first_close_keeps_the_board_and_a_later_one_does_not_touch_it(cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    kept = Snapshot.objects.get()
    assert (kept.taken_by, kept.taken_at) == (cast.manager.user, timezone.now())
    assert kept.board["stages"][0]["value"] == "90.00"
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    make_entry(cast.leads, 88, version=1)
    close_week(cast.admin)
    assert Snapshot.objects.get().board == kept.board


def test_each_close_queues_recaps_and_a_reopening_cancels_those_that_wait(cast):
    close_week(cast.manager)
    first = set(Message.objects.waiting().values_list("pk", flat=True))
    assert len(first) == 8
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    assert not Message.objects.waiting().exists()
    close_week(cast.manager)
    again = set(Message.objects.waiting().values_list("pk", flat=True))
    assert len(again) == 8
    assert not first & again
