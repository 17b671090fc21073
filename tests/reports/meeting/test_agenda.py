"""reports/agenda.py: everything that the meeting's page shows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from funnel.actions import attendance, not_brought, notes, staff
from funnel.domain.weeks import Week
from funnel.reports.meeting.agenda import NOTHING, Note, build_agenda
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_follow_up,
    make_kpi,
    make_stand_in,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def cast():
    return make_cast()


def agenda_of(cast, person=None, week=WEEK):
    return build_agenda(seat_for(person or cast.manager), week, today=TODAY, now=NOW)


def write(cast, text, part="numbers", kpi=None):
    notes.write(
        by=seat_for(cast.manager),
        week=WEEK,
        part=part,
        kpi=kpi,
        text=text,
        version=None,
        today=TODAY,
    )


def mark(cast, person, is_present=True):
    seat = seat_for(cast.manager)
    attendance.mark(by=seat, week=WEEK, staff=person, is_present=is_present, today=TODAY)


def test_a_week_that_nobody_has_touched(cast):
    agenda = agenda_of(cast)
    assert (agenda.state.meeting_id, agenda.state.is_started) == (None, False)
    assert [(slide.line.slug, slide.place) for slide in agenda.slides] == [
        ("leads", 1),
        ("appointments", 2),
        ("patients-acquired", 3),
    ]
    assert agenda.waiting == agenda.slides
    assert {slide.note for slide in agenda.slides} == {NOTHING}
    assert (agenda.ahead_note, agenda.issues_note) == (NOTHING, NOTHING)
    assert (agenda.present, agenda.follow_ups) == ((), ())


def test_a_slide_has_the_weeks_before_and_the_week_itself(cast):
    make_entry(cast.leads, 90, note="Phones were down.")
    make_entry(cast.leads, 100, WEEK.previous)
    leads, appointments, _ = agenda_of(cast).slides
    assert (leads.weeks[-1], len(leads.weeks)) == (WEEK, len(leads.values))
    assert leads.values[-3:] == (None, 100, 90)
    assert (leads.entered_note, leads.is_open) == ("Phones were down.", False)
    assert (appointments.entered_note, appointments.is_open) == ("", True)


def test_a_calculated_number_waits_for_nobody(cast):
    make_kpi(cast.practice, "Leads in 4 weeks", calculation="total", source=cast.leads, window=4)
    calculated = agenda_of(cast).slides[-1]
    assert (calculated.line.is_missing, calculated.is_open) == (True, False)


def test_what_is_written_down_is_where_it_belongs(cast):
    write(cast, "Phones.", kpi=cast.leads)
    write(cast, "Closed on Thursday.", "ahead")
    write(cast, "Decided.", "issues")
    not_brought.mark(
        by=seat_for(cast.manager), week=WEEK, kpi=cast.leads, is_missing=True, today=TODAY
    )
    agenda = agenda_of(cast)
    assert [slide.note for slide in agenda.slides] == [Note("Phones.", 1, "Ana"), NOTHING, NOTHING]
    assert [slide.is_not_brought for slide in agenda.slides] == [True, False, False]
    assert agenda.ahead_note == Note("Closed on Thursday.", 1, "Ana")
    assert agenda.issues_note == Note("Decided.", 1, "Ana")
    before = agenda_of(cast, week=WEEK.previous)
    assert (before.issues_note, before.slides[0].note) == (NOTHING, NOTHING)
    assert not before.slides[0].is_not_brought


def test_people_are_the_team_and_whoever_left_only_where_they_were_present(cast):
    everyone = [person.name for person in agenda_of(cast).people]
    assert everyone == ["Ada", "Ana", "Dana", "Lee", "Maya", "Sam", "Tom", "Vic"]
    mark(cast, cast.member)
    for person in (cast.member, cast.viewer):
        staff.deactivate(by=root_seat(cast.practice), staff=person, today=TODAY)
    agenda = agenda_of(cast)
    assert [person.name for person in agenda.people] == [
        "Ada",
        "Ana",
        "Dana",
        "Maya",
        "Sam",
        "Tom",
        "Lee",
    ]
    assert [person.name for person in agenda.present] == ["Lee"]


def test_the_week_ahead_is_the_running_one_with_who_stands_in_and_what_is_due(cast):
    starts_on = Week.running(TODAY).next.next.monday
    make_stand_in(cast.leads, cast.manager, starts_on, starts_on + timedelta(days=3))
    due = TODAY + timedelta(days=6)
    make_follow_up(cast.owner, "By then", due)
    make_follow_up(cast.owner, "Later", due + timedelta(days=1))
    agenda = agenda_of(cast)
    assert agenda.ahead == Week.running(TODAY)
    assert [(away.kpi, away.name) for away in agenda.away] == [("Appointments", "Sam")]
    assert agenda.due_on == date(2026, 11, 30) == due
    assert [item.text for item in agenda.due_soon] == ["By then"]
    assert [item.text for item in agenda.follow_ups] == ["By then", "Later"]


def test_a_follow_up_stands_on_the_slide_of_its_number(cast):
    make_follow_up(cast.owner, "Call back", kpi=cast.leads)
    make_follow_up(cast.owner, "About no number")
    agenda = agenda_of(cast)
    assert [[item.text for item in slide.follow_ups] for slide in agenda.slides] == [
        ["Call back"],
        [],
        [],
    ]


def test_nothing_of_next_door(cast):
    make_follow_up(cast.stranger, "Secret")
    agenda = agenda_of(cast)
    assert agenda.follow_ups == ()
    assert "Hal" not in [person.name for person in agenda.people]


def test_eight_queries(cast, django_assert_num_queries):
    make_entry(cast.leads, 90, note="Short week.")
    write(cast, "Decided.", "issues")
    mark(cast, cast.owner)
    make_follow_up(cast.owner, kpi=cast.leads)
    seat = seat_for(cast.manager)
    with django_assert_num_queries(8):
        build_agenda(seat, WEEK, today=TODAY, now=NOW)
