"""views/short_week.py: marking a week as short, from the dashboard and the meeting."""

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import short_weeks
from funnel.actions.refusals import Busy
from funnel.domain.weeks import Week
from funnel.models import ShortWeek
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, close_week, make_short_week

pytestmark = pytest.mark.django_db

TYPED = {"days_open": "3", "reason": "Thanksgiving"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def as_manager(client, cast):
    client.force_login(cast.manager.user)
    return client


def address(week=WEEK, slug="lumina"):
    return reverse("short-week", args=[slug, week])


def text_of(response):
    return response.content.decode()


def test_marks_the_week_and_returns_to_the_page_it_was_sent_from(as_manager):
    for page, days in (("", "3"), ("meeting", "4")):
        response = as_manager.post(address(), {**TYPED, "days_open": days, "page": page})
        assert response.url == reverse(page or "dashboard", args=["lumina", WEEK])
    mark = ShortWeek.objects.get()
    assert (mark.week, mark.days_open, mark.reason) == (WEEK.monday, 4, "Thanksgiving")


def test_a_marked_week_says_so_in_words_and_can_be_undone(as_manager, cast):
    make_short_week(cast.practice, reason="Thanksgiving")
    text = text_of(as_manager.get(address()))
    assert "3 days open: Thanksgiving" in text
    assert "no average, usual range or verdict uses them" in text
    assert as_manager.post(address(), {"do": "unmark"}).status_code == 302
    assert not ShortWeek.objects.exists()
    assert "Mark as a short week" in text_of(as_manager.get(address()))


def test_refused_it_says_why_and_loses_nothing(as_manager):
    response = as_manager.post(address(), {"days_open": "3", "reason": " ", "page": "meeting"})
    text = text_of(response)
    assert "Enter the reason why the week is short." in text
    assert '<option value="3" selected>' in text
    assert 'name="page" value="meeting"' in text
    assert not ShortWeek.objects.exists()


def test_a_closed_week_says_so(as_manager, cast):
    close_week(cast.manager)
    for sent in (TYPED, {"do": "unmark"}):
        text = text_of(as_manager.post(address(), sent))
        assert "This week is closed. A manager can reopen it, with a reason." in text
    assert not ShortWeek.objects.exists()


def test_a_busy_week_says_so_and_keeps_what_was_typed(as_manager, monkeypatch):
    def busy(**_):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(short_weeks, "mark", busy)
    response = as_manager.post(address(), TYPED)
    assert response.status_code == 503
    text = response.content.decode()
    assert '<input type="hidden" name="reason" value="Thanksgiving">' in text


@pytest.mark.parametrize("week", [Week.running(TODAY).next, Week.of(BEGAN).previous])
def test_a_week_that_cannot_be_marked_has_no_page(as_manager, week):
    assert as_manager.get(address(week)).status_code == 404
    assert as_manager.post(address(week), TYPED).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "owner"])
def test_only_a_manager_marks(client, cast, who):
    client.force_login(getattr(cast, who).user)
    assert client.post(address(), TYPED).status_code == 403
    assert not ShortWeek.objects.exists()


def test_a_manager_next_door_finds_no_such_practice(client, cast):
    client.force_login(cast.stranger.user)
    assert client.post(address(), TYPED).status_code == 404


def test_another_address_to_return_to_is_not_followed(as_manager):
    response = as_manager.post(address(), {**TYPED, "page": "https://example.com"})
    assert response.url == reverse("dashboard", args=["lumina", WEEK])
