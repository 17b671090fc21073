"""senders/recap.py: the recap of a closed meeting, to those who want it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from funnel.actions import meetings, notes, staff
from funnel.models import Message, Practice, Staff, User
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_target,
    seat_for,
)
from tests.kept import kept
from tests.sending import failing, send_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


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
    make_follow_up(cast.owner, "Call <back> & ask", TODAY + timedelta(days=7), cast.appointments)
    make_follow_up(cast.marketer, "From before", week=WEEK.previous)
    seat = seat_for(cast.manager)
    notes.write(
        by=seat,
        week=WEEK,
        part="issues",
        kpi=None,
        text="Buy a <second> line.",
        version=None,
        today=TODAY,
    )
    close_week(cast.manager)
    return cast


def run():
    """How many mails were sent."""
    return send_all().get("delivered", 0)


def bodies():
    letter = mail.outbox[0]
    return letter.body, letter.alternatives[0].content


def test_tells_each_of_the_staff_once(cast):
    assert run() == 8
    assert len({letter.to[0] for letter in mail.outbox}) == 8
    assert mail.outbox[0].subject == "Lumina Aesthetics, Nov 16 – 22, 2026: the recap"
    assert run() == 0
    assert len(mail.outbox) == 8


def test_text_and_html_say_the_same(cast):
    run()
    text, html = bodies()
    for said in (
        "15 patients acquired, 5 fewer than expected.",
        "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients, about $14,400.",
        "Tom",
        "90",
        "$6,400",
        "−$4,800",
        "$16,000",
        "missed",
        "From before",
        "Dec 1",
        "Nov 9",
        "not noted",
        "http://testserver/practices/lumina/meeting/2026-W47/recap/",
        "http://testserver/practices/lumina/mails/",
    ):
        assert said in text, said
        assert said in html, said


def test_text_stays_text_and_html_is_escaped(cast):
    run()
    text, html = bodies()
    assert "Call <back> & ask" in text
    assert "Buy a <second> line." in text
    assert "Call &lt;back&gt; &amp; ask" in html
    assert "Buy a &lt;second&gt; line." in html


def test_the_html_brings_nothing_from_elsewhere_and_needs_no_style(cast):
    run()
    _, html = bodies()
    for unwanted in ("<img", "<link", "<script", "<style", "style=", "src="):
        assert unwanted not in html
    assert html.count("<table") == 3


def test_the_text_has_no_gaps_of_its_templates(cast):
    run()
    text, _ = bodies()
    assert "\n\n\n" not in text
    assert "{" not in text


def test_closed_again_it_goes_out_again_and_says_what_was_corrected(cast):
    run()
    mail.outbox.clear()
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason="Counted twice.")
    make_entry(cast.leads, 88, version=1, reason="Two.")
    assert run() == 0
    close_week(cast.admin)
    assert run() == 8
    assert mail.outbox[0].subject.endswith("the recap, corrected")
    text, html = bodies()
    assert "Reopened by Ada: Counted twice." in text
    assert "- Leads: 90 -> 88 (root@example.com, Tue, Nov 24: Two.)" in text
    assert "now 88" in text
    assert "Leads: 90 → <b>88</b>" in html


def test_closed_again_without_a_correction_it_says_so(cast):
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason="To look.")
    close_week(cast.admin)
    run()
    assert mail.outbox[0].subject.endswith("the recap, closed again")


def test_one_goes_to_each_of_the_staff_who_want_it_when_it_is_sent(cast):
    staff.wish_recap(by=seat_for(cast.owner), wants=False)
    Staff.objects.filter(pk=cast.viewer.pk).update(is_active=False)
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    assert send_all() == {"delivered": 5, "cancelled": 3}
    assert [letter.to[0].split("@")[0] for letter in mail.outbox] == [
        "ada", "ana", "dana", "sam", "tom",
    ]  # fmt: skip
    assert all((letter.cc, letter.bcc) == ([], []) for letter in mail.outbox)


def test_none_is_queued_for_who_does_not_want_it():
    cast = make_cast()
    staff.wish_recap(by=seat_for(cast.owner), wants=False)
    close_week(cast.manager)
    assert not Message.objects.filter(staff=cast.owner).exists()


def test_one_bad_address_keeps_it_from_nobody_else_and_sends_nothing_twice(cast, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, "maya@lumina.example")
        assert send_all() == {"delivered": 7, "refused": 1}
        assert send_all() == {}
    assert Message.objects.waiting().get().staff == cast.owner


def test_a_week_reopened_before_it_was_sent_has_none(cast):
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason="To look.")
    assert send_all() == {}
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_line_break_in_a_name_begins_no_header(cast):
    Practice.objects.filter(slug="lumina").update(name="Lumina\nBcc: all@lumina.example")
    run()
    assert "\n" not in mail.outbox[0].subject


def test_an_empty_meeting_is_told_too():
    cast = make_cast()
    close_week(cast.stranger)
    run()
    text, html = bodies()
    assert "No decisions were noted." in text
    assert "\n\n\n" not in text
    assert "None." in html
