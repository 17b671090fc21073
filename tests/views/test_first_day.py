"""The first days of a practice: nothing is asked for before the week of its first meeting ends."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from funnel import jobs
from funnel.actions import starts
from funnel.domain.weeks import local_today
from funnel.reports.entry.missing import build_missing
from tests.factories import (
    NOW,
    WEEK,
    answer_start,
    make_entry,
    make_ownership,
    make_screen,
    make_staff,
    make_start,
    make_superuser,
    root_seat,
)
from tests.kept import kept
from tests.sending import send_all

pytestmark = pytest.mark.django_db

SLUG = "newton-skin"
SENTENCE = (
    "Your first meeting is Monday, Nov 30, at 9:00 AM. It reviews the week of Nov 23 – 29; each "
    "owner enters that week's number when it has ended."
)
MARKS = ("○", "missing", "waiting for", "status--missing", "not entered", "still to come")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@kept
def practice():
    """Founded on a Tuesday; Nora owns leads, Maya appointments, Dana patients acquired."""
    practice = make_start()
    answer_start(practice)
    dana = make_staff(practice, "Dana", "Doctor")
    make_ownership(practice.kpis.get(slug="patients-acquired"), dana, NOW.date())
    starts.finish(by=root_seat(practice))
    practice.refresh_from_db()
    return practice


def text_of(client, user, name="dashboard", *args, status=200):
    client.force_login(user)
    response = client.get(reverse(name, args=[SLUG, *args]))
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def owner(practice, name="Maya"):
    return practice.staff.get(name=name).user


def main_of(text):
    """What is between the header and the footer."""
    return re.search(r"<main.*?</main>", text).group()


def words_of(text):
    """The text without its marks."""
    return " ".join(re.sub("<[^>]*>", "", text).split())


def buttons(text):
    return re.findall(r'class="btn btn-primary" [^>]*>([^<]+)<', main_of(text))


@pytest.mark.parametrize("name", ["Nora", "Maya"])
def test_the_dashboard_says_what_happens_next_with_one_button(client, practice, name):
    text = text_of(client, owner(practice, name))
    assert SENTENCE in words_of(text)
    assert buttons(text) == ["Enter numbers"]
    assert not [mark for mark in MARKS if mark in main_of(text)]
    assert "loud" not in main_of(text)


def test_who_enters_nothing_is_shown_who_does_what(client, practice):
    vic = make_staff(practice, "Vic", access="viewer")
    text = text_of(client, vic.user)
    assert SENTENCE in words_of(text)
    assert buttons(text) == ["Responsibilities"]


def test_no_owner_stays_loud_once(client):
    practice = make_start()
    answer_start(practice)
    text = main_of(text_of(client, owner(practice, "Nora")))
    assert SENTENCE in words_of(text)
    assert text.count("Patients acquired has no owner") == 1
    assert text.count("has no owner") == 1
    assert buttons(text) == ["Name an owner"]
    assert not [mark for mark in MARKS if mark in text]


def test_a_number_that_is_in_shows_the_running_week(client, practice):
    make_entry(practice.kpis.get(slug="leads"), 40, WEEK.next)
    text = main_of(text_of(client, owner(practice)))
    assert SENTENCE in words_of(text)
    assert "Leads in" in text
    assert "still to come" in text
    assert not [mark for mark in ("○", "waiting for", "status--missing") if mark in text]


def test_the_entry_page_takes_the_running_week_and_marks_nothing(client, practice):
    text = text_of(client, owner(practice), "enter")
    assert SENTENCE in words_of(text)
    assert f'action="{reverse("enter-number", args=[SLUG, WEEK.next, "appointments"])}"' in text
    assert not [mark for mark in MARKS if mark in main_of(text)]


def test_the_group_says_when_the_first_meeting_is(client, practice):
    make_start("Harbor", meeting_weekday=2)
    client.force_login(make_superuser())
    text = " ".join(client.get("/").content.decode().split())
    harbor, text = text.split("Newton Skin")
    assert "○</span> 3 of 3 missing" in harbor
    assert "first meeting" not in harbor
    assert SENTENCE in words_of(text)
    assert "Nov 23 – 29, 2026" in text
    assert not [mark for mark in MARKS if mark in text]


def test_the_wall_says_when_the_first_meeting_is(client, practice):
    _, token = make_screen(practice)
    text = " ".join(client.get(reverse("tv", args=[token])).content.decode().split())
    assert SENTENCE in words_of(text)
    assert "no funnel" not in text


def test_every_link_of_the_first_page_leads_somewhere(client, practice):
    nora = owner(practice, "Nora")
    for path in set(re.findall(r'href="(/[^"#]*)', text_of(client, nora))):
        if not path.startswith(("/static/", "/admin/")):
            assert client.get(path, follow=True).status_code == 200, path
    answer = client.get(reverse("meeting", args=[SLUG]))
    assert answer.url == practice.get_absolute_url()


def test_a_week_before_the_first_still_has_no_page(client, practice):
    text_of(client, owner(practice), "dashboard", WEEK, status=404)
    text_of(client, owner(practice), "dashboard", WEEK.next.next, status=404)
    assert SENTENCE in words_of(text_of(client, owner(practice), "dashboard", WEEK.next))


def test_no_reminder_goes_out_before_the_week_is_over(practice, clock):
    sent = {}
    # Every hour from the founding to the first meeting, Monday at 9 in New York.
    for hour in range(6 * 24):
        now = datetime(2026, 11, 24, 15, tzinfo=UTC).timestamp() + 3600 * hour
        clock.move_to(datetime.fromtimestamp(now, UTC))
        jobs.queue_reminders(timezone.now)
        send_all()
        if mail.outbox:
            sent.setdefault(len(mail.outbox), datetime.now(UTC))
    assert sent
    assert min(sent.values()) >= datetime(2026, 11, 30, 5, tzinfo=UTC)
    assert build_missing(practice, WEEK, today=date(2026, 11, 29)).owing == ()


@pytest.mark.parametrize(
    ("zone", "weekday", "founded", "last", "first"),
    [
        # Founded in a week, awaited to its last minute there, and not a minute longer.
        ("America/New_York", 0, NOW, "2026-11-30T04:59Z", "2026-11-30T05:00Z"),
        ("Pacific/Auckland", 4, NOW, None, None),
        ("Pacific/Auckland", 1, NOW, "2026-11-29T10:59Z", "2026-11-29T11:00Z"),
        ("Europe/London", 1, NOW, "2026-11-29T23:59Z", "2026-11-30T00:00Z"),
        # Meets tomorrow: the week that it reviews has ended.
        ("America/New_York", 2, NOW, None, None),
    ],
)
def test_the_first_days_end_with_the_first_week(client, clock, zone, weekday, founded, last, first):
    practice = make_start(now=founded, time_zone=zone, meeting_weekday=weekday)
    nora = practice.staff.get().user

    def awaits(moment):
        clock.move_to(datetime.fromisoformat(moment))
        return "Your first meeting is" in text_of(client, nora)

    if last is None:
        assert practice.began_on <= local_today(founded, zone)
        assert not awaits(founded.isoformat())
    else:
        assert (awaits(founded.isoformat()), awaits(last), awaits(first)) == (True, True, False)
