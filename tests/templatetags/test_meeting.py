import pytest
import time_machine
from django.utils import timezone

from funnel.reports.meeting.agenda import build_agenda
from funnel.templatetags import meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, seat_for


@pytest.fixture
def cast(db):
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield make_cast()


def agenda_of(cast):
    return build_agenda(seat_for(cast.manager), WEEK, today=TODAY, now=timezone.now())


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (5, "0:05"), (125, "2:05"), (3600, "60:00")]
)
def test_the_clock_is_minutes_and_seconds(seconds, said):
    assert meeting.clock(seconds) == said


def test_the_trend_says_its_first_and_its_last_number(cast):
    assert meeting.trend_said(agenda_of(cast).slides[0], "USD") == "Leads: no number in 14 weeks."
    make_entry(cast.leads, 90)
    assert meeting.trend_said(agenda_of(cast).slides[0], "USD") == (
        "Leads: 90 in the week of Nov 16."
    )
    make_entry(cast.leads, 1100, WEEK.previous)
    assert meeting.trend_said(agenda_of(cast).slides[0], "USD") == (
        "Leads: 90 in the week of Nov 16, 1,100 in the week of Nov 9."
    )
