"""reports/recap.py: the stored results of a meeting."""

from datetime import timedelta

import pytest
import time_machine

from funnel.actions import (
    attendance,
    follow_ups,
    kpis,
    meetings,
    not_brought,
    notes,
    patient_values,
)
from funnel.domain.verdict import Verdict
from funnel.models import KPI
from funnel.reports.meeting.recap import MOST_PROMISES, build_recap
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_kpi,
    make_target,
    seat_for,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@kept
def cast():
    cast = make_cast()
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value)
    return cast


def write(cast, part, text, kpi=None):
    notes.write(
        by=seat_for(cast.manager),
        week=WEEK,
        part=part,
        kpi=kpi,
        text=text,
        version=None,
        today=TODAY,
    )


def promised(recap):
    return [one.text for one in recap.promised], [one.text for one in recap.carried]


def test_tells_the_numbers_as_the_team_saw_them(cast):
    make_entry(make_kpi(cast.practice, "Revenue", unit=KPI.Unit.MONEY), 9600)
    closed = close_week(cast.manager)
    recap = build_recap(cast.practice, WEEK)
    assert (recap.closed_at, recap.closed_by, recap.seen_at) == (
        closed.closed_at,
        "Ana",
        closed.closed_at,
    )
    assert recap.board.outcome == "15 patients acquired, 5 fewer than expected."
    assert [(n.line.name, n.value, n.target, n.last_week) for n in recap.numbers] == [
        ("Leads", "90", "100", "–"),
        ("Appointments", "27", "40", "–"),
        ("Patients acquired", "15", "20", "–"),
        ("Revenue", "$9,600", "–", "–"),
    ]


def test_tells_where_the_gap_came_from(cast):
    close_week(cast.manager)
    gap = build_recap(cast.practice, WEEK).gap
    assert (gap.expected, gap.actual, gap.total, gap.money) == ("20.0", "15", "5.0", "$16,000")
    assert [(p.name, p.owner, p.patients, p.money, p.is_biggest, p.is_gain) for p in gap.parts] == [
        ("Leads", "Tom", "2.0", "$6,400", False, False),
        ("Appointments", "Maya", "4.5", "$14,400", True, False),
        ("Patients acquired", "Dana", "−1.5", "−$4,800", False, True),
    ]


def test_says_nothing_of_money_where_a_patient_has_no_value(cast):
    patient_values.set_from(by=seat_for(cast.admin), value=None, today=TODAY, from_week=WEEK)
    close_week(cast.manager)
    gap = build_recap(cast.practice, WEEK).gap
    assert (gap.money, {part.money for part in gap.parts}) == ("", {""})


def test_tells_what_was_written_down_and_who_was_there(cast, clock):
    seat = seat_for(cast.manager)
    gone = make_kpi(cast.practice, "Reviews")
    meetings.start(by=seat, week=WEEK, today=TODAY)
    write(cast, "numbers", "Phones were down.", cast.appointments)
    write(cast, "numbers", "Ask for reviews.", gone)
    write(cast, "numbers", "A slow week.")
    write(cast, "ahead", "Open house on Thursday.")
    write(cast, "issues", "Buy a second line.")
    for person in (cast.owner, cast.coordinator):
        attendance.mark(by=seat, week=WEEK, staff=person, is_present=True, today=TODAY)
    not_brought.mark(by=seat, week=WEEK, kpi=gone, is_missing=True, today=TODAY)
    clock.shift(14 * 60)
    kpis.archive(by=seat_for(cast.admin), kpi=gone, today=TODAY, from_week=WEEK)
    close_week(cast.manager)
    recap = build_recap(cast.practice, WEEK)
    assert [n.note for n in recap.numbers] == ["", "Phones were down.", ""]
    assert recap.notes == (("Reviews", "Ask for reviews."),)
    assert (recap.numbers_note, recap.ahead, recap.decisions) == (
        "A slow week.",
        "Open house on Thursday.",
        "Buy a second line.",
    )
    assert recap.present == ("Dana", "Maya")
    assert recap.not_brought == ("Reviews",)
    assert recap.minutes == 14


def test_nobody_watched_the_clock(cast):
    close_week(cast.manager)
    assert build_recap(cast.practice, WEEK).minutes is None


def test_follow_ups_are_this_meetings_then_those_open_from_earlier(cast, clock):
    seat = seat_for(cast.manager)
    before, later = WEEK.previous, WEEK.next
    done = make_follow_up(cast.owner, "Done before", week=before)
    follow_ups.finish(by=seat, follow_up=done)
    open_then = make_follow_up(cast.owner, "Open then", week=before)
    make_follow_up(cast.owner, "Still open", TODAY - timedelta(days=1), week=before)
    make_follow_up(cast.marketer, "New", kpi=cast.leads)
    clock.shift(60)
    close_week(cast.manager)
    clock.shift(8 * 24 * 60 * 60)
    follow_ups.finish(by=seat, follow_up=open_then)
    make_follow_up(cast.owner, "Of later", TODAY + timedelta(days=9), week=later)
    recap = build_recap(cast.practice, WEEK)
    assert promised(recap) == (["New"], ["Still open", "Open then"])
    assert [(one.kpi, one.owner, one.closed) for one in recap.promised] == [("Leads", "Tom", "")]
    assert [(one.closed, one.week) for one in recap.carried] == [("", before), ("done", before)]


def test_of_many_follow_ups_it_says_that_there_are_more(cast):
    for number in range(MOST_PROMISES + 1):
        make_follow_up(cast.owner, f"Promise {number}")
    recap = build_recap(cast.practice, WEEK)
    assert len(recap.promised) == MOST_PROMISES
    assert recap.has_more


def test_a_correction_stands_with_its_number_old_and_new(cast):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason="Counted twice.")
    make_entry(cast.leads, 88, version=1, reason="Two.")
    open_again = build_recap(cast.practice, WEEK)
    assert (open_again.closed_at, open_again.is_again) == (None, False)
    assert (open_again.reopened_by, open_again.reopened_because) == ("Ada", "Counted twice.")
    close_week(cast.admin)
    recap = build_recap(cast.practice, WEEK)
    assert recap.is_again
    (leads, *others) = recap.numbers
    assert (leads.value, leads.correction.old, leads.correction.new) == ("90", "90", "88")
    assert recap.corrections == (leads.correction,)
    assert {number.correction for number in others} == {None}


def test_what_is_news_is_as_the_team_saw_it(cast):
    for back in range(1, 9):
        make_entry(cast.leads, 100 + back % 2, WEEK.plus(-back))
    close_week(cast.manager)
    make_entry(cast.leads, 101, WEEK.next)
    (news,) = build_recap(cast.practice, WEEK).news
    assert (news.name, news.verdict, news.signals) == ("Leads", Verdict.WORSE, ("outside",))
    assert news.news == news.signal_sentence != ""


def test_an_open_meeting_has_no_numbers_yet(cast):
    make_follow_up(cast.owner, "New")
    recap = build_recap(cast.practice, WEEK)
    assert (recap.board, recap.numbers, recap.gap, recap.closed_at) == (None, (), None, None)
    assert promised(recap) == (["New"], [])


def test_there_is_none_without_a_meeting_and_nothing_of_next_door(cast):
    make_follow_up(cast.stranger, "Secret")
    close_week(cast.manager)
    assert build_recap(cast.practice, WEEK.previous) is None
    assert promised(build_recap(cast.practice, WEEK)) == ([], [])


@pytest.mark.parametrize("more", [0, 12])
def test_four_queries_for_a_bare_and_a_full_meeting(cast, more, django_assert_num_queries):
    for number in range(more):
        make_entry(make_kpi(cast.practice, f"Number {number}"), 5)
        make_follow_up(cast.owner, f"Promise {number}")
        make_follow_up(cast.owner, f"Earlier {number}", week=WEEK.previous)
    close_week(cast.manager)
    with django_assert_num_queries(4):
        build_recap(cast.practice, WEEK)


def test_there_is_none_of_a_week_into_which_numbers_were_only_entered(cast):
    make_entry(cast.leads, 90, WEEK.previous)
    assert build_recap(cast.practice, WEEK.previous) is None
