import importlib
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import follow_ups, meetings
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, make_follow_up, seat_for
from tests.views.meeting_room import (
    CLOSED,
    NO_WEEKS,
    address,
    answer_once_closed,
    only_a_manager_sends,
    page_of,
    send,
    stored,
    told,
)

pytestmark = pytest.mark.django_db

STATE = address("meeting-state")
# The package's attribute of that name is the view.
meeting = importlib.import_module("funnel.views.meeting")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def turn(client, cast, what):
    return send(client, cast.manager, STATE, do=what)


def test_the_stamp_is_told_and_304_to_whoever_knows_it(client, cast):
    client.force_login(cast.viewer.user)
    response = client.get(STATE)
    stamp = response.json()["stamp"]
    assert response["Content-Type"] == "application/json"
    assert (response["ETag"], response["Cache-Control"]) == (f'"{stamp}"', "private, no-cache")
    known = client.get(STATE, headers={"If-None-Match": response["ETag"]})
    assert (known.status_code, known.content, known["ETag"]) == (304, b"", response["ETag"])
    assert client.get(STATE, headers={"If-None-Match": '"another"'}).status_code == 200
    assert client.head(STATE).status_code == 200


def test_the_page_carries_the_same_stamp(client, cast):
    make_entry(cast.leads, 90)
    client.force_login(cast.viewer.user)
    stamp = client.get(STATE).json()["stamp"]
    assert f'data-stamp="{stamp}"' in page_of(client.get(address("meeting")))


def test_the_stamp_changes_with_each_change_and_with_nothing_else(client, cast, clock):
    seat, seen = seat_for(cast.manager), []

    def look():
        client.force_login(cast.viewer.user)
        seen.append(client.get(STATE).json()["stamp"])
        clock.shift(60)
        assert client.get(STATE).json()["stamp"] == seen[-1]

    def post(name, *args, **typed):
        assert send(client, cast.manager, address(name, *args), **typed).status_code == 302

    look()
    for what in ("start", "ahead", "pause", "resume"):
        post("meeting-state", do=what)
        look()
    for name, args, typed in (
        ("meeting-note", ["issues"], {"text": "Decided.", "version": "0"}),
        ("meeting-note", ["numbers", "leads"], {"text": "Phones.", "version": "0"}),
        ("meeting-note", ["issues"], {"text": "", "version": "1"}),
        ("meeting-attendance", [], {"present": cast.owner.pk}),
        ("meeting-attendance", [], {"absent": cast.owner.pk}),
        ("meeting-number", ["patients-acquired"], {"do": "not-brought"}),
        ("meeting-number", ["patients-acquired"], {"do": "brought"}),
        ("meeting-number", ["leads"], {"value": "90", "reason": "Tom is ill."}),
        ("meeting-agenda", [], {"numbers": "9", "ahead": "2", "issues": "5"}),
    ):
        post(name, *args, **typed)
        look()
    send(
        client, cast.owner, reverse("enter-number", args=["lumina", WEEK, "appointments"]), value=30
    )
    look()
    make_entry(cast.appointments, 31, version=1)
    look()
    promised = make_follow_up(cast.owner)
    look()
    follow_ups.finish(by=seat, follow_up=promised)
    look()
    post("meeting-close")
    look()
    meetings.reopen(by=seat, week=WEEK, reason="Counted twice.")
    look()
    assert len(set(seen)) == len(seen) == 20


def test_what_changes_in_another_practice_leaves_the_stamp(client, cast):
    client.force_login(cast.viewer.user)
    stamp = client.get(STATE).json()["stamp"]
    make_follow_up(cast.stranger)
    close_week(cast.stranger)
    assert client.get(STATE).json()["stamp"] == stamp


def test_another_day_is_another_stamp(client, cast, clock):
    client.force_login(cast.viewer.user)
    stamp = client.get(STATE).json()["stamp"]
    clock.shift(timedelta(days=1))
    assert client.get(STATE).json()["stamp"] != stamp


def test_a_write_while_the_page_is_built_is_seen_by_the_next_question(client, cast, monkeypatch):
    """The page has the version it started with, though a later one is stored by then."""
    client.force_login(cast.viewer.user)
    build = meeting.build_agenda

    def build_and_write(*args, **how):
        built = build(*args, **how)
        make_entry(cast.leads, 90)
        return built

    monkeypatch.setattr(meeting, "build_agenda", build_and_write)
    body = page_of(client.get(address("meeting")))
    assert f'data-stamp="{client.get(STATE).json()["stamp"]}"' not in body


def test_the_state_asks_only_for_the_seat(client, cast, django_assert_num_queries):
    client.force_login(cast.viewer.user)
    with django_assert_num_queries(2):  # One, where people signed in by the page.
        client.get(STATE)


def test_a_manager_sets_the_clock(client, cast, clock):
    response = turn(client, cast, "start")
    assert response.url == address("meeting")
    clock.shift(61)
    for what in ("ahead", "pause"):
        turn(client, cast, what)
        clock.shift(30)
    text = page_of(client.get(address("meeting")))
    for shown in (">1:01</time> of 8 min", ">0:30</time> of 2 min", ">1:31</time> of 15 min"):
        assert shown in text
    assert "paused" in text
    turn(client, cast, "resume")
    assert "running" in page_of(client.get(address("meeting")))


@pytest.mark.parametrize("what", ["start", "pause", "resume", "ahead"])
def test_only_a_manager_sets_the_clock_of_an_open_meeting(client, cast, what):
    only_a_manager_sends(client, cast, "meeting-state", do=what)
    assert told(answer_once_closed(client, cast, "meeting-state", do=what)) == [CLOSED]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("pause", "The meeting has not been started yet."),
        ("ahead", "The meeting has not been started yet."),
    ],
)
def test_a_meeting_that_has_not_started_says_so(client, cast, what, sentence):
    before = stored()
    assert told(turn(client, cast, what)) == [sentence]
    assert stored() == before


@pytest.mark.parametrize("what", ["", "lunch", "1\0", "x" * 3000])
def test_there_is_no_other_part(client, cast, what):
    meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
    before = stored()
    assert told(turn(client, cast, what)) == ["The meeting has no such part."]
    assert stored() == before


def test_whoever_has_no_seat_sees_no_stamp(client, cast):
    assert client.get(STATE).url.startswith(reverse("account_login"))
    client.force_login(cast.stranger.user)
    assert client.get(STATE).status_code == 404
    client.force_login(cast.viewer.user)
    assert client.put(STATE).status_code == 405
    for week in NO_WEEKS:
        assert client.get(address("meeting-state", week=week)).status_code == 404
