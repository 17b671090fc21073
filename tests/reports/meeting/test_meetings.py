"""reports/meetings.py: the meetings there were."""

import pytest
import time_machine

from funnel.actions import meetings
from funnel.models import Meeting, Snapshot
from funnel.reports.meeting.meetings import build_past_meetings, held
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def past(cast, first=0, end=50):
    return build_past_meetings(cast.practice, first, end)


def test_a_week_with_numbers_alone_has_had_no_meeting(cast):
    make_entry(cast.leads, 90)
    assert past(cast) == []


def test_one_that_was_begun_is_there_and_not_closed_yet(cast):
    meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
    (meeting,) = past(cast)
    assert (meeting.week, meeting.closed_at, meeting.closed_by) == (WEEK, None, None)
    assert (meeting.is_kept, meeting.outcome, meeting.missing) == (False, "", ())


def test_tells_what_the_team_saw_and_who_closed_it(cast):
    make_entry(cast.patients, 15)
    make_entry(cast.leads, 90)
    closed = close_week(cast.manager)
    (meeting,) = past(cast)
    assert (meeting.closed_at, meeting.closed_by) == (closed.closed_at, "Ana")
    assert meeting.is_kept
    assert meeting.outcome == "15 patients acquired."
    assert meeting.missing == ("Appointments",)
    assert (meeting.corrections, meeting.reopened_because) == (0, "")


def test_counts_what_was_corrected_in_each_week(cast):
    for week in (WEEK, WEEK.previous):
        make_entry(cast.leads, 90, week)
        make_entry(cast.appointments, 27, week)
        close_week(cast.manager, week)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    make_entry(cast.leads, 88, version=1)
    make_entry(cast.appointments, 26, version=1)
    latest, before = past(cast)
    assert (latest.week, latest.corrections, latest.closed_at) == (WEEK, 2, None)
    assert latest.reopened_because == "Counted twice."
    assert (before.week, before.corrections) == (WEEK.previous, 0)


def test_a_board_that_was_not_kept_is_said_so(cast):
    close_week(cast.manager)
    Snapshot.objects.all().delete()
    assert not past(cast)[0].is_kept


def test_nothing_of_next_door(cast):
    close_week(cast.stranger)
    assert past(cast) == []


@pytest.mark.parametrize("rows", [1, 60])
def test_asks_once_for_any_part_of_them(cast, rows, django_assert_num_queries):
    for back in range(rows):
        close_week(cast.manager, WEEK.plus(-back))
    with django_assert_num_queries(1):
        shown = past(cast, 0, 26)
    assert [meeting.week for meeting in shown] == [WEEK.plus(-n) for n in range(min(rows, 26))]
    assert [meeting.week for meeting in past(cast, 52, 78)] == [
        WEEK.plus(-n) for n in range(52, rows)
    ]
    assert held(cast.practice).count() == rows == Meeting.objects.count()
