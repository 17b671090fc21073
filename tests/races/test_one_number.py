"""A one-number link pressed twice in the same moment, and made a calendar of twice."""

import threading
from contextlib import suppress

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from funnel.actions import calendars, entries, meetings
from funnel.models import CalendarFeed, Meeting, Practice, WeeklyEntry
from tests.cast import make_cast
from tests.factories import WEEK, link_for, seat_for
from tests.races.rendezvous import PATIENCE, at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _before_the_meeting():
    with time_machine.travel("2026-11-24T12:00Z", tick=True):
        yield


@pytest.fixture
def cast():
    cast = make_cast()
    Practice.objects.filter(slug="lumina").update(meeting_weekday=1)
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    return cast


def meet_after_reading(monkeypatch):
    """Both have read that the number is missing, without a lock."""
    real, meeting_point = entries._entries_near, threading.Barrier(2)

    def read(*args):
        found = real(*args)
        with suppress(threading.BrokenBarrierError):
            meeting_point.wait(PATIENCE)
        return found

    monkeypatch.setattr(entries, "_entries_near", read)


def press(cast, *values):
    """What each POST of the same link was answered, at once."""
    url = link_for(cast.owner, cast.appointments)
    return at_once(*(lambda v=value: Client().post(url, {"value": v}) for value in values))


def test_pressed_twice_it_saves_once_and_says_so_twice(cast, monkeypatch):
    meet_after_reading(monkeypatch)
    first, second = press(cast, "27", "27")
    assert (first.status_code, second.status_code) == (200, 200)
    assert b"27 appointments saved." in first.content
    assert b"27 appointments saved." in second.content
    assert WeeklyEntry.history.count() == 1


def test_of_two_numbers_one_is_saved_and_the_other_told_that_it_is_not(cast, monkeypatch):
    meet_after_reading(monkeypatch)
    answers = {it.status_code: it for it in press(cast, "27", "28")}
    assert answers.keys() == {200, 409}
    saved = WeeklyEntry.objects.get()
    assert f"{saved.value:.0f} appointments saved." in answers[200].content.decode()
    other = {27: "28", 28: "27"}[int(saved.value)]
    assert f"Your number, {other}, is not saved." in answers[409].content.decode()
    assert WeeklyEntry.history.count() == 1


def test_without_the_weeks_lock_one_of_them_breaks(cast, monkeypatch):
    def look(practice, week):
        return Meeting.objects.get(practice=practice, week=week.monday)

    monkeypatch.setattr(meetings, "lock", look)
    meet_after_reading(monkeypatch)
    answers = press(cast, "27", "28")
    assert any(isinstance(answer, IntegrityError) for answer in answers)


def two_clicks_for_a_calendar(cast, monkeypatch):
    maya = seat_for(cast.owner)
    meet_before(monkeypatch, (CalendarFeed, "full_clean"))

    def make():
        return calendars.make(by=maya, once="k")

    return at_once(make, make)


def test_two_clicks_make_one_calendar(cast, monkeypatch):
    first, second = two_clicks_for_a_calendar(cast, monkeypatch)
    assert first == second
    assert CalendarFeed.objects.count() == 1


def test_two_clicks_without_locks_break(cast, monkeypatch):
    without_locks(monkeypatch)
    outcomes = two_clicks_for_a_calendar(cast, monkeypatch)
    assert [type(it) for it in outcomes].count(str) == 1
    assert CalendarFeed.objects.count() == 1
