"""funnel/demo/minutes.py: the meetings that Lumina has held."""

from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from funnel.access import seat_at
from funnel.models import FollowUp, Meeting, Message, Practice, Snapshot, User, WeeklyEntry
from funnel.reports.board.snapshot import thaw
from funnel.reports.meeting.follow_ups import build_follow_ups
from funnel.reports.meeting.recap import build_recap
from tests.factories import TODAY, WEEK
from tests.kept import kept

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")


@kept
def lumina():
    call_command("demo", stdout=StringIO(), today=TODAY, weeks=30)
    return Practice.objects.get(slug="lumina")


def kinds(practice, email):
    seat = seat_at(User.objects.get(email=email), practice)
    return {kind.name: kind.count for kind in build_follow_ups(seat, today=TODAY).kinds}


def test_the_last_four_are_closed_on_their_day_and_the_week_under_review_is_open(lumina):
    held = Meeting.objects.closed().filter(practice=lumina)
    assert [meeting.week for meeting in held] == [WEEK.plus(-n).monday for n in range(1, 5)]
    for meeting in held:
        begun = meeting.started_at.astimezone(NEW_YORK)
        assert begun.date() == meeting.week + timedelta(days=8)  # the Tuesday after
        assert (begun.hour, begun.minute) == (9, 0)
        assert meeting.snapshot.taken_at < begun + timedelta(minutes=20)
        assert thaw(meeting.snapshot.board).outcome
    assert not Message.objects.exists()
    assert not Snapshot.objects.filter(meeting__practice__slug="harbor").exists()


def test_follow_ups_are_open_overdue_done_and_dropped(lumina):
    assert kinds(lumina, "coordinator@lumina.example") == {
        "open": 4, "mine": 1, "overdue": 1, "done": 2, "dropped": 1, "all": 7,
    }  # fmt: skip
    for follow_up in FollowUp.objects.all():
        ended = follow_up.done_at or follow_up.dropped_at
        assert follow_up.promised_at.date() < TODAY
        first, *later = follow_up.history.order_by("history_id")
        assert first.history_date == first.promised_at == follow_up.promised_at
        assert [row.history_date for row in later] == ([ended] if ended else [])
        assert ended is None or ended > follow_up.promised_at


def test_one_week_was_corrected_after_its_meeting(lumina):
    (entry,) = WeeklyEntry.objects.filter(is_corrected=True)
    recap = build_recap(lumina, WEEK.plus(-3))
    (correction,) = recap.corrections
    assert entry.seen_value == entry.value + 2
    assert (correction.by, correction.at) == ("Ana", entry.entered_at)
    assert recap.is_again
    assert recap.closed_at > recap.reopened_at > recap.seen_at
    assert entry.history.latest().history_date == entry.entered_at


def test_a_recap_has_something_of_everything(lumina):
    recap = build_recap(lumina, WEEK.plus(-2))
    assert recap.board.outcome
    assert recap.decisions == ""
    assert recap.ahead
    assert [number.line.name for number in recap.numbers if number.note] == ["Appointments"]
    assert len(recap.present) == 5
    assert recap.minutes == 16
    assert len(recap.promised) == 2


@pytest.mark.parametrize("weeks", [1, 3])
def test_a_short_past_has_fewer_meetings(weeks):
    call_command("demo", stdout=StringIO(), today=TODAY, weeks=weeks)
    assert Meeting.objects.closed().count() == weeks - 1
