import pytest
import time_machine
from django.utils import timezone

from funnel.reports.meeting.agenda import build_agenda
from funnel.templatetags import meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_target, seat_for


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


def test_a_number_is_said_with_its_target_its_change_and_its_step(cast):
    make_target(cast.appointments, 40)
    for kpi, before, now in ((cast.leads, 100, 90), (cast.appointments, 40, 27)):
        make_entry(kpi, before, WEEK.previous)
        make_entry(kpi, now)
    agenda = agenda_of(cast)
    leads, appointments, patients = (
        meeting.said_of(slide, agenda.board) for slide in agenda.slides
    )
    assert "10 fewer than last week" in leads
    assert "slide__step" not in leads
    assert "target 40, missed" in appointments
    assert "30.0%" in appointments.split("slide__step")[1]
    assert "target" not in patients


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


def test_the_weeks_are_rows_the_newest_first(cast):
    make_entry(cast.leads, 90)
    rows = meeting.trend_rows(agenda_of(cast).slides[0], "USD")
    assert rows.count("<tr>") == 14
    assert rows.startswith(f'<tr><th scope="row">{WEEK.label}</th><td class="n">90</td></tr>')
    assert rows.count(">missing<") == 13
