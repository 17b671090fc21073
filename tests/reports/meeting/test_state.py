"""reports/meeting_state.py: the clock, the parts and the closing; its pages are in
tests/views/test_meeting_state.py."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from funnel.actions import meetings
from funnel.reports.meeting.state import build_state
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def state_of(cast, week=WEEK):
    return build_state(cast.practice, week, now=timezone.now())


def run(verb, cast, **how):
    return verb(by=seat_for(cast.manager), week=WEEK, today=TODAY, **how)


def test_a_week_that_nobody_has_touched(cast):
    state = state_of(cast)
    assert state.meeting_id is None
    assert not any((state.is_started, state.is_running, state.is_closed, state.is_held))
    assert (state.planned, state.seconds) == (15, 0)
    assert (state.current, state.following) == (None, None)


def test_the_clock_runs_for_the_current_part_and_stands_while_paused(cast, clock):
    run(meetings.start, cast)
    clock.shift(61)
    state = state_of(cast)
    assert (state.is_held, state.is_running, state.seconds) == (True, True, 61)
    assert (state.current.slug, state.following.slug) == ("numbers", "ahead")
    run(meetings.turn_to, cast, part="issues")
    clock.shift(timedelta(seconds=30))
    run(meetings.pause, cast)
    clock.shift(timedelta(seconds=600))
    state = state_of(cast)
    assert [part.seconds for part in state.parts] == [61, 0, 30]
    assert (state.is_held, state.is_running) == (True, False)
    assert (state.current.slug, state.following) == ("issues", None)


def test_who_closed_it_and_why_it_was_opened_again(cast):
    run(meetings.start, cast)
    close_week(cast.manager)
    state = state_of(cast)
    assert (state.is_closed, state.is_held, state.closed_by) == (True, False, "Ana")
    assert state.closed_at == timezone.now()
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    state = state_of(cast)
    assert (state.is_closed, state.closed_by) == (False, None)
    assert (state.reopened_at, state.reopened_because) == (timezone.now(), "Counted twice.")


def test_one_query(cast, django_assert_num_queries):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    with django_assert_num_queries(1):
        state_of(cast)
