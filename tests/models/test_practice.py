"""models/practice.py: how its week runs."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from funnel.domain.weeks import Week
from funnel.models import Practice


@pytest.mark.parametrize(
    ("weekday", "day", "next_one"),
    [
        (0, date(2026, 11, 24), date(2026, 11, 30)),
        (0, date(2026, 11, 30), date(2026, 12, 7)),
        (0, date(2026, 11, 29), date(2026, 11, 30)),
        (1, date(2026, 11, 24), date(2026, 12, 1)),
        (6, date(2026, 11, 24), date(2026, 11, 29)),
        (3, date(2026, 12, 30), date(2026, 12, 31)),
        (2, date(2026, 12, 31), date(2027, 1, 6)),
    ],
)
def test_the_next_meeting_is_after_the_day_and_within_a_week(weekday, day, next_one):
    practice = Practice(meeting_weekday=weekday)
    assert practice.meeting_day_after(day) == next_one
    assert next_one.weekday() == weekday


@pytest.mark.parametrize(
    ("zone", "weekday", "at", "week", "moment"),
    [
        ("America/New_York", 1, time(9), "2026-W47", "2026-11-24T14:00Z"),
        ("America/New_York", 0, time(9), "2026-W47", "2026-11-23T14:00Z"),
        ("America/New_York", 6, time(9), "2026-W47", "2026-11-29T14:00Z"),
        ("Pacific/Auckland", 0, time(9), "2026-W47", "2026-11-22T20:00Z"),
        # Held on the Sunday on which the clocks change, at a time that is left out or comes twice.
        ("America/New_York", 6, time(2, 30), "2026-W09", "2026-03-08T07:30Z"),
        ("America/New_York", 6, time(1, 30), "2026-W43", "2026-11-01T05:30Z"),
    ],
)
def test_a_week_is_reviewed_on_the_meeting_day_of_the_week_after(zone, weekday, at, week, moment):
    practice = Practice(time_zone=zone, meeting_weekday=weekday, meeting_time=at)
    assert practice.meeting_at(Week.parse(week)) == datetime.fromisoformat(moment)


def test_reminders_count_back_from_the_meeting_and_wait_for_the_end_of_the_week():
    practice = Practice(meeting_weekday=1, meeting_time=time(9), first_reminder_hours=48)
    plan = practice.reminders_of(Week.parse("2026-W47"))
    assert plan.first == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert plan.second == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert plan.meeting == datetime(2026, 11, 24, 14, tzinfo=UTC)


def test_a_meeting_takes_what_its_parts_take():
    assert Practice().meeting_length == timedelta(minutes=15)
