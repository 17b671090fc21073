"""models/meeting.py and what a meeting holds: open, closed, its clock, its notes."""

from datetime import UTC, datetime, timedelta

import pytest

from funnel.models import Attendance, Meeting, MeetingNote, NotBrought
from tests.cast import make_cast
from tests.factories import WEEK

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
Part = Meeting.Part


@pytest.fixture
def cast(db):
    return make_cast()


def test_closed_meetings_are_those_whose_weeks_take_no_further_numbers(cast):
    closed = {"closed_at": NOW, "closed_by": cast.manager.user}
    over = Meeting.objects.create(practice=cast.practice, week=WEEK.monday, **closed)
    running = Meeting.objects.create(practice=cast.practice, week=WEEK.next.monday)
    assert list(Meeting.objects.closed()) == [over]
    assert over.is_closed
    assert not running.is_closed


def test_a_week_that_was_closed_and_is_open_again_is_corrected():
    assert not Meeting().was_closed
    assert Meeting(reopened_at=NOW).was_closed


@pytest.mark.parametrize(
    ("part", "running_for", "seconds"),
    [
        (Part.NUMBERS, None, 100),
        (Part.NUMBERS, timedelta(0), 100),
        (Part.NUMBERS, timedelta(seconds=65), 165),
        (Part.NUMBERS, timedelta(seconds=1, milliseconds=600), 102),
        (Part.NUMBERS, timedelta(seconds=-3), 100),
        (Part.AHEAD, timedelta(seconds=65), 20),
        (Part.ISSUES, timedelta(seconds=65), 3),
    ],
    ids=["stopped", "just begun", "running", "rounded", "a clock ahead", "not on", "not yet on"],
)
def test_a_part_has_taken_what_it_took_before_and_what_it_runs_now(part, running_for, seconds):
    meeting = Meeting(part=Part.NUMBERS, spent_numbers=100, spent_ahead=20, spent_issues=3)
    meeting.running_since = None if running_for is None else NOW - running_for
    assert meeting.seconds(part, NOW) == seconds


def test_the_latest_meeting_stands_first(cast):
    weeks = [WEEK.previous, WEEK.next, WEEK]
    for week in weeks:
        Meeting.objects.create(practice=cast.practice, week=week.monday)
    found = Meeting.objects.values_list("week", flat=True)
    assert list(found) == sorted((week.monday for week in weeks), reverse=True)


def test_what_a_meeting_holds_says_of_which_it_is(cast):
    meeting = Meeting(practice=cast.practice, week=WEEK.monday)
    of_kpi = MeetingNote(meeting=meeting, part=Part.NUMBERS, kpi=cast.leads)
    assert str(of_kpi) == "Lumina Aesthetics 2026-W47: Leads"
    assert str(MeetingNote(meeting=meeting, part=Part.AHEAD)).endswith("2026-W47: The week ahead")
    missing = NotBrought(meeting=meeting, kpi=cast.leads)
    assert str(missing) == "Leads not brought to Lumina Aesthetics 2026-W47"
    present = Attendance(meeting=meeting, staff=cast.owner)
    assert str(present) == "Maya at Lumina Aesthetics 2026-W47"
