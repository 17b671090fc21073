"""models/practice.py: how its week runs."""

from datetime import date

import pytest

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
