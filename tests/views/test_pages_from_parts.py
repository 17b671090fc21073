"""Pages from rendered parts: for every reader, whatever others saw before, as if nothing were
stored."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel import parts
from funnel.actions import meetings, notes, ownership, short_weeks, stand_ins
from funnel.actions import staff as people
from funnel.domain.weeks import Week
from funnel.models import Staff
from funnel.parts import PartsCache
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_follow_up,
    make_screen,
    make_target,
    root_seat,
    seat_for,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db

READERS = ("owner", "member", "viewer", "manager", "admin", "superuser")
ADDRESSES = {
    "dashboard": "/practices/lumina/",
    "week": f"/practices/lumina/{WEEK.previous}/?weeks=52",
    "scorecard": "/practices/lumina/scorecard/",
    "months": "/practices/lumina/scorecard/?by=month&order=oldest",
    "history": "/practices/lumina/kpis/appointments/",
    "history-all": "/practices/lumina/kpis/appointments/?weeks=all",
    "meeting": f"/practices/lumina/meeting/{WEEK}/",
}
# A session made by the test client is found by a second statement; see identity.py.
MOST_OF_A_HIT = 2


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(f"{TODAY}T15:00Z", tick=False) as traveller:
        yield traveller


@kept
def cast():
    """Two of the three numbers are in; Ana, who manages Lumina, is of Harbor too."""
    cast = make_cast()
    make_target(cast.leads, 100)
    make_entry(cast.leads, 90)
    make_entry(cast.patients, 15)
    harbor = root_seat(cast.stranger.practice)
    ana = cast.manager.user
    added = people.add(by=harbor, email=ana.email, name="Ana", access=Staff.Access.VIEWER)
    people.accept(by=ana, staff=added)
    return cast


@pytest.fixture
def clients(cast):
    """One a reader, signed in."""
    found = {}
    for name in READERS:
        person = getattr(cast, name)
        found[name] = Client()
        found[name].force_login(getattr(person, "user", person))
    return found


def text_of(response):
    """The answer's text without its tokens, which are others each time."""
    assert response.status_code == 200
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())


def page_of(client, address):
    return text_of(client.get(address))


def all_pages(clients):
    pages = {
        (name, page): page_of(client, address)
        for name, client in clients.items()
        for page, address in ADDRESSES.items()
    }
    return {**pages, "group": page_of(clients["manager"], "/")}


def built_now(clients, monkeypatch):
    """The pages as they are where nothing is stored."""
    with monkeypatch.context() as patch:
        patch.setattr(parts, "known", lambda key: None)
        patch.setattr("funnel.views.home.known", lambda key: None)
        patch.setattr(parts, "cache", PartsCache())
        return all_pages(clients)


def enter(cast, clients, clock):
    url = reverse("enter-number", args=["lumina", WEEK, "appointments"])
    response = clients["owner"].post(url, {"value": "27", "version": "", "confirm": "yes"})
    assert response.status_code == 302
    # Reads the message that it was saved.
    clients["owner"].get("/practices/lumina/mails/")


def rename(cast, clients, clock):
    roles, by = cast.owner.roles.all(), seat_for(cast.admin)
    given = {"title": "", "roles": roles, "access": cast.owner.access, "today": TODAY}
    people.change(by=by, staff=cast.owner, name="Maya Lin", **given)


def give_away(cast, clients, clock):
    by = seat_for(cast.admin)
    ownership.assign(by=by, kpi=cast.appointments, staff=cast.stand_in, starts_on=TODAY)


def stand_in(cast, clients, clock):
    ends_on = TODAY + timedelta(days=1)
    given = {"kpi": cast.patients, "starts_on": TODAY, "ends_on": ends_on}
    stand_ins.name(by=seat_for(cast.admin), staff=cast.member, **given)


def mark_short(cast, clients, clock):
    by = seat_for(cast.manager)
    short_weeks.mark(by=by, week=WEEK, days_open=2, reason="Holiday", today=TODAY)


def start(cast, clients, clock):
    meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
    clock.shift(125)


def close(cast, clients, clock):
    meetings.close(by=seat_for(cast.manager), week=WEEK, today=TODAY, seen=dict)


def note(cast, clients, clock):
    given = {"part": "numbers", "kpi": cast.leads, "text": "Ads were off.", "version": None}
    notes.write(by=seat_for(cast.manager), week=WEEK, today=TODAY, **given)


def promise(cast, clients, clock):
    make_follow_up(cast.owner, "Call back", TODAY, kpi=cast.leads)


def pass_a_day(cast, clients, clock):
    clock.shift(timedelta(days=1))


def pass_a_week(cast, clients, clock):
    clock.shift(timedelta(days=7))


def lose_rights(cast, clients, clock):
    roles, by = cast.manager.roles.all(), seat_for(cast.admin)
    given = {"name": "Ana", "title": "", "roles": roles, "today": TODAY}
    people.change(by=by, staff=cast.manager, access=Staff.Access.VIEWER, **given)


CHANGES = (
    enter,
    rename,
    give_away,
    stand_in,
    mark_short,
    start,
    close,
    note,
    promise,
    pass_a_day,
    pass_a_week,
    lose_rights,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_everyone_sees_what_changed_and_what_is_theirs(change, cast, clients, clock, monkeypatch):
    before = all_pages(clients)
    change(cast, clients, clock)
    after = all_pages(clients)
    assert after != before
    again = all_pages(clients)
    now = built_now(clients, monkeypatch)
    for place in now:
        assert after[place] == now[place], place
        assert again[place] == now[place], place


def test_a_hit_sends_no_statement_but_that_of_the_reader(clients):
    all_pages(clients)
    for name, client in clients.items():
        for page, address in ADDRESSES.items():
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            assert len(captured) <= MOST_OF_A_HIT, (name, page)
            assert not any("funnel_weeklyentry" in it["sql"] for it in captured), (name, page)


def test_what_a_viewer_must_not_see_is_not_shared(clients):
    """The manager's page first, then the viewer's, and the other way round."""
    for order in (("manager", "viewer"), ("viewer", "manager")):
        parts.cache.clear()
        pages = {name: page_of(clients[name], ADDRESSES["meeting"]) for name in order}
        assert "Start the meeting" in pages["manager"]
        assert 'method="post"' not in pages["viewer"].split("<main")[1]


def test_my_missing_number_is_offered_to_me_alone(cast, clients):
    mine = "Enter my number: Appointments"
    for name in ("member", "owner", "viewer"):
        assert (mine in page_of(clients[name], ADDRESSES["dashboard"])) == (name == "owner")
    link = f"{reverse('enter', args=['lumina', WEEK])}#appointments"
    for name in ("member", "owner", "viewer"):
        assert (link in page_of(clients[name], ADDRESSES["scorecard"])) == (name == "owner")


def test_a_stand_in_is_offered_the_number_they_enter(cast, clients):
    mine = "Enter my number: Appointments"
    assert mine not in page_of(clients["member"], ADDRESSES["dashboard"])
    dates = {"starts_on": TODAY, "ends_on": TODAY}
    stand_ins.name(by=seat_for(cast.admin), kpi=cast.appointments, staff=cast.member, **dates)
    for name in ("member", "owner", "viewer"):
        assert (mine in page_of(clients[name], ADDRESSES["dashboard"])) == (name != "viewer")


def test_two_managers_are_asked_for_a_reason_where_the_number_is_not_theirs(cast, clients):
    cast.manager.roles.add(cast.appointments.role)
    by = seat_for(cast.admin)
    ownership.assign(by=by, kpi=cast.appointments, staff=cast.manager, starts_on=TODAY)
    for name, asks in (("superuser", True), ("manager", False), ("superuser", True)):
        text = page_of(clients[name], ADDRESSES["meeting"])
        assert ('id="appointments-reason"' in text) == asks


def test_each_page_has_a_token_of_its_reader(cast):
    """A page of a stored part can be sent from."""
    client = Client(enforce_csrf_checks=True)
    for person in (cast.admin, cast.manager):
        client.force_login(person.user)
        text = client.get(ADDRESSES["meeting"]).content.decode()
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[-1]
        url = reverse("meeting-attendance", args=["lumina", WEEK])
        sent = client.post(url, {"present": cast.owner.pk, "csrfmiddlewaretoken": token})
        assert sent.status_code == 302


def test_the_clock_goes_on_in_a_stored_page(cast, clients, clock):
    meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
    assert 'data-clock="0"' in page_of(clients["manager"], ADDRESSES["meeting"])
    clock.shift(65)
    assert 'data-clock="65"' in page_of(clients["manager"], ADDRESSES["meeting"])


def test_a_wall_shows_what_was_written_and_names_where_it_may(cast, client):
    with_names, without = (
        make_screen(cast.practice, shows_names=shows, once=str(shows))[1] for shows in (True, False)
    )
    for value in (27, 28):
        make_entry(cast.appointments, value, version=None if value == 27 else 1)
        for token, shows in ((with_names, True), (without, False)):
            text = client.get(reverse("tv", args=[token])).content.decode()
            assert f">{value}<" in text
            assert ("Maya" in text) == shows


def test_practices_share_nothing(cast, clients):
    """Both have the same slugs of KPIs."""
    ours = page_of(clients["manager"], ADDRESSES["history"])
    theirs = page_of(clients["manager"], ADDRESSES["history"].replace("lumina", "harbor"))
    assert "Maya" in ours
    assert "Maya" not in theirs
    assert Week.reporting(TODAY) == WEEK
