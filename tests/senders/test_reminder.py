"""senders/reminder.py: before a meeting, each missing number is asked for."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from funnel import jobs
from funnel.access_links import take_link
from funnel.actions import ownership, staff
from funnel.models import Message, Practice, Reminder, Staff, StandIn
from funnel.senders import reminder
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_ownership,
    make_staff,
    make_stand_in,
    root_seat,
    seat_for,
)
from tests.sending import send_all

pytestmark = pytest.mark.django_db

# The meeting is on Tuesday at 9:00 in New York, 14:00 in UTC.
MONDAY_9 = "2026-11-23T14:00Z"
TUESDAY_6 = "2026-11-24T11:00Z"
TUESDAY_8 = "2026-11-24T13:00Z"


@pytest.fixture
def cast():
    """Maya is there, and the practice meets on Tuesday; Harbor meets on Sunday, when the world is
    asleep."""
    cast = make_cast()
    StandIn.objects.all().delete()
    Practice.objects.filter(slug="lumina").update(meeting_weekday=1)
    Practice.objects.filter(slug="harbor").update(meeting_weekday=6)
    return cast


def run(now=TUESDAY_6):
    """Queue and send the reminders of that moment; whom they went to."""
    mail.outbox.clear()
    with time_machine.travel(now, tick=False):
        jobs.queue_reminders(timezone.now)
        send_all()
    return names()


def names():
    return [letter.to[0].split("@")[0] for letter in mail.outbox]


def letter_to(name):
    (letter,) = [it for it in mail.outbox if it.to[0].startswith(f"{name}@")]
    return letter.subject, letter.body, letter.alternatives[0].content


class TestAWeek:
    def test_two_for_the_owners_then_a_list_for_the_managers(self, cast):
        assert run("2026-11-23T13:59Z") == []
        assert run(MONDAY_9) == ["tom", "maya", "dana"]
        make_entry(cast.leads, 90)
        assert run("2026-11-24T10:59Z") == []
        assert run(TUESDAY_6) == ["maya", "dana"]
        make_entry(cast.appointments, 27)
        assert run("2026-11-24T12:59Z") == []
        assert run(TUESDAY_8) == ["ada", "ana"]
        assert run("2026-11-24T13:59Z") == []
        assert run("2026-11-24T14:00Z") == []

    def test_every_hour_of_it_sends_each_mail_once(self, cast):
        hour = timedelta(hours=1)
        with time_machine.travel("2026-11-23T00:00Z", tick=False) as clock:
            for _ in range(7 * 24):
                jobs.queue_reminders(timezone.now)
                send_all()
                clock.shift(hour)
        told = sorted(Reminder.objects.values_list("staff__name", "kind"))
        owners = [(name, kind) for name in ("Dana", "Maya", "Tom") for kind in ("first", "second")]
        managers = [(name, "managers") for name in ("Ada", "Ana")]
        harbor = [("Hal", "managers")]
        assert told == sorted(owners + managers + harbor)
        assert len(mail.outbox) == len(told)

    def test_hours_in_which_the_host_was_down_are_caught_up_with_one_mail(self, cast):
        assert run("2026-11-24T12:30Z") == ["tom", "maya", "dana"]
        assert "9:00 AM meeting" in mail.outbox[0].subject
        assert run("2026-11-24T12:45Z") == []

    def test_not_once_the_meeting_has_begun(self, cast):
        assert run("2026-11-24T14:00Z") == []

    def test_a_closed_week_and_one_before_the_practice_began_have_none(self, cast):
        close_week(cast.manager)
        assert run() == []
        Practice.objects.filter(slug="harbor").update(meeting_weekday=1, began_on=WEEK.next.monday)
        assert run() == []

    def test_the_hours_are_the_practices_own(self, cast):
        Practice.objects.filter(slug="lumina").update(
            first_reminder_hours=6, second_reminder_hours=2
        )
        assert run("2026-11-24T07:59Z") == []
        assert len(run("2026-11-24T08:00Z")) == 3
        assert run("2026-11-24T11:59Z") == []
        assert len(run("2026-11-24T12:00Z")) == 3

    def test_a_meeting_on_monday_is_not_asked_for_before_the_week_is_over(self, cast):
        Practice.objects.filter(slug="lumina").update(meeting_weekday=0)
        assert run("2026-11-23T04:59Z") == []
        assert len(run("2026-11-23T05:00Z")) == 3


class TestWhoChoosesLess:
    @pytest.mark.parametrize(
        ("wish", "first", "second"), [("both", 1, 1), ("last", 0, 1), ("none", 0, 0)]
    )
    def test_an_owner(self, cast, wish, first, second):
        staff.wish_reminders(by=seat_for(cast.owner), wish=wish)
        assert run(MONDAY_9).count("maya") == first
        assert run(TUESDAY_6).count("maya") == second

    def test_a_manager(self, cast):
        staff.wish_reminders(by=seat_for(cast.manager), wish="none")
        staff.wish_reminders(by=seat_for(cast.admin), wish="last")
        assert [name for name in run(TUESDAY_8) if name in {"ana", "ada"}] == ["ada"]

    def test_the_practice_for_all(self, cast):
        Practice.objects.update(reminders_at_most=0)
        assert run() == []

    def test_the_cap_counts_all_of_them_a_person_and_week(self, cast):
        make_ownership(make_kpi(cast.practice, "Reviews"), cast.manager)
        for most, kinds in ((2, ["first", "second"]), (3, ["first", "second", "managers"])):
            Practice.objects.update(reminders_at_most=most)
            Reminder.objects.all().delete()
            Message.objects.all().delete()
            for now in (MONDAY_9, TUESDAY_6, TUESDAY_8):
                run(now)
            told = Reminder.objects.filter(staff=cast.manager).order_by("id")
            assert list(told.values_list("kind", flat=True)) == kinds


class TestTheReminder:
    def test_says_what_is_missing_and_when_it_is_needed(self, cast):
        run(MONDAY_9)
        subject, text, html = letter_to("maya")
        assert subject == "Appointments is missing at Lumina Aesthetics, Nov 16 – 22, 2026"
        for said in (
            "Hello Maya,",
            "Lumina Aesthetics meets on ",
            "Tuesday, Nov 24 at 9:00 AM",
            "This number of Nov 16 – 22, 2026 is missing:",
            "http://testserver/practices/lumina/enter/2026-W47/",
            "http://testserver/practices/lumina/mails/",
            "At most one more reminder comes before this meeting.",
        ):
            assert said in text or said in html, said
        assert "Leads" not in text + html
        assert "tom" not in text + html

    def test_the_second_says_that_it_is_the_last(self, cast):
        run(TUESDAY_6)
        subject, text, html = letter_to("maya")
        assert subject.startswith("9:00 AM meeting: Appointments is still missing at Lumina")
        for part in (text, html):
            assert "is still missing:" in part
            assert "This is the last reminder before this meeting." in part

    def test_has_a_link_to_each_field_and_none_of_anothers(self, cast):
        make_ownership(make_kpi(cast.practice, "Reviews", "Front desk"), cast.owner)
        run()
        subject, text, html = letter_to("maya")
        assert "2 numbers are still missing" in subject
        paths = re.findall(r"http://testserver(/e/[^\s\"]+)", text)
        assert re.findall(r"http://testserver(/e/[^\s\"]+)", html) == paths
        now = datetime.fromisoformat(TUESDAY_6)
        links = [take_link(resolve(path).kwargs["token"], now) for path in paths]
        assert [link.by.kpi.name for link in links] == ["Appointments", "Reviews"]
        assert {link.by.seat.name for link in links} == {"Maya"}
        assert {link.week for link in links} == {WEEK}

    def test_a_stand_in_is_told_for_whom(self, cast):
        make_stand_in(cast.appointments, cast.stand_in, TODAY, TODAY)
        run()
        assert "maya" not in names()
        _, text, html = letter_to("sam")
        assert "Appointments (you stand in for Maya)" in text
        assert "You stand in for Maya." in html

    def test_text_stays_text_and_html_is_escaped(self, cast):
        type(cast.leads).objects.filter(pk=cast.appointments.pk).update(name="<b>Calls</b> & co")
        run()
        _, text, html = letter_to("maya")
        assert "<b>Calls</b> & co" in text
        assert "&lt;b&gt;Calls&lt;/b&gt; &amp; co" in html
        for part in (text, html):
            assert "{" not in part
        assert "\n\n\n" not in text
        for unwanted in ("<img", "<link", "<script", "<style", "style=", "src="):
            assert unwanted not in html

    def test_a_line_break_in_a_name_begins_no_header(self, cast):
        Practice.objects.filter(slug="lumina").update(name="Lumina\nBcc: all@lumina.example")
        run(TUESDAY_8)
        assert all("\n" not in letter.subject for letter in mail.outbox)


class TestTheList:
    def test_says_what_is_missing_and_what_is_nobodys(self, cast):
        make_stand_in(cast.appointments, cast.stand_in, TODAY, TODAY)
        ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=date(2026, 11, 22))
        run(TUESDAY_8)
        subject, text, html = letter_to("ana")
        assert subject == (
            "Lumina Aesthetics, meeting at 9:00 AM: 2 numbers missing, 1 without an owner"
        )
        assert "- Appointments (Front desk): waiting for Sam, standing in for Maya\n" in text
        assert "- Patients acquired (Patient coordinator): waiting for Dana\n" in text
        assert "- Leads (role: Marketing)\n" in text
        for said in ("waiting for Sam, standing in for Maya", "No owner", "Leads"):
            assert said in html
        for link in ("enter/2026-W47/", "2026-W47/", "responsibilities/", "mails/"):
            assert f"http://testserver/practices/lumina/{link}" in text
            assert f"http://testserver/practices/lumina/{link}" in html
        assert "/e/" not in text + html
        assert "\n\n\n" not in text

    def test_goes_out_though_only_an_owner_is_missing(self, cast):
        for kpi in (cast.leads, cast.appointments, cast.patients):
            make_entry(kpi, 9)
        assert run(TUESDAY_8) == []
        ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=date(2026, 11, 22))
        assert run(TUESDAY_8) == ["ada", "ana"]
        subject, text, _ = letter_to("ana")
        assert subject.endswith("meeting at 9:00 AM: 1 without an owner")
        assert "STILL MISSING" not in text
        assert "\n\n\n" not in text

    def test_names_an_owner_who_has_left(self, cast):
        Staff.objects.filter(pk=cast.owner.pk).update(is_active=False)
        run(TUESDAY_8)
        assert "- Appointments (Front desk): Maya can no longer enter it" in letter_to("ana")[1]


class TestWhatChangesBeforeItIsSent:
    """Queued on Monday, sent when the mail server is back."""

    @pytest.fixture
    def queued(self, cast):
        with time_machine.travel(MONDAY_9, tick=False):
            jobs.queue_reminders(timezone.now)
        assert Message.objects.due(datetime.fromisoformat(MONDAY_9)).count() == 3
        return cast

    def send_at(self, now):
        with time_machine.travel(now, tick=False):
            send_all()
        return names()

    def test_nothing_and_all_of_it_is_sent(self, queued):
        assert self.send_at("2026-11-24T09:00Z") == ["tom", "maya", "dana"]

    def test_a_number_that_came_is_not_asked_for(self, queued):
        make_entry(queued.appointments, 27)
        assert self.send_at("2026-11-24T09:00Z") == ["tom", "dana"]
        assert Message.objects.get(staff=queued.owner).state == "cancelled"

    def test_a_person_who_left_or_wants_none_gets_none(self, queued):
        Staff.objects.filter(pk=queued.owner.pk).update(is_active=False)
        Staff.objects.filter(pk=queued.marketer.pk).update(reminders="none")
        assert self.send_at("2026-11-24T09:00Z") == ["dana"]

    def test_of_both_reminders_the_later_one_alone_is_sent(self, queued):
        assert run(TUESDAY_6) == ["tom", "maya", "dana"]
        assert all("still missing" in letter.subject for letter in mail.outbox)
        assert Message.objects.filter(state="cancelled").count() == 3

    def test_one_that_was_cancelled_counts_towards_no_limit(self, queued):
        Practice.objects.update(reminders_at_most=1)
        assert self.send_at("2026-11-24T11:00Z") == []
        assert run("2026-11-24T11:01Z") == ["tom", "maya", "dana"]

    def test_none_is_sent_once_the_meeting_has_started(self, queued):
        assert self.send_at("2026-11-24T14:00Z") == []

    def test_none_is_sent_of_a_week_that_is_closed(self, queued):
        close_week(queued.manager)
        assert self.send_at("2026-11-24T09:00Z") == []


def test_a_practice_that_fails_holds_up_no_other(cast, monkeypatch, caplog):
    Practice.objects.filter(slug="harbor").update(meeting_weekday=1)
    real, words = reminder.build_missing, "maya@lumina.example is in no list"

    def fail(practice, *args, **kwargs):
        if practice.slug == "lumina":
            raise LookupError(words)
        return real(practice, *args, **kwargs)

    with monkeypatch.context() as patch, time_machine.travel(TUESDAY_8, tick=False):
        patch.setattr(reminder, "build_missing", fail)
        with pytest.raises(LookupError):
            jobs.queue_reminders(timezone.now)
    assert [row.staff.name for row in Message.objects.all()] == ["Hal"]
    assert "lumina: LookupError at" in caplog.text
    assert "@lumina.example" not in caplog.text


def statements(now):
    with time_machine.travel(now, tick=False), CaptureQueriesContext(connection) as captured:
        jobs.queue_reminders(timezone.now)
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_the_statements_do_not_grow_with_the_people(cast):
    assert statements("2026-11-23T00:00Z") == 1
    assert statements(TUESDAY_8) == 11
    for number in range(10):
        kpi = make_kpi(cast.practice, f"Number {number}", "Front desk")
        make_ownership(kpi, make_staff(cast.practice, f"P{number}", "Front desk", access="manager"))
    assert statements(TUESDAY_8) == 11


def test_the_statements_of_writing_one_do_not_grow_either(cast, django_assert_num_queries):
    with time_machine.travel(TUESDAY_6, tick=False):
        jobs.queue_reminders(timezone.now)
        message = Message.objects.select_related("staff__practice", "staff__user").latest("pk")
        with django_assert_num_queries(6):
            assert reminder.write(message, json.loads(message.body), timezone.now())
