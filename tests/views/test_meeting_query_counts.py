"""The statements of the meeting's page and of its state, which are the same for a practice without
anything and for one with much."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.actions import attendance, notes
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_follow_up,
    make_kpi,
    make_practice,
    make_staff,
    seat_for,
)
from tests.views.meeting_room import address

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(f"{TODAY}T15:00Z", tick=False):
        yield


@pytest.fixture
def little():
    """The manager of a practice with its three KPIs and nothing else."""
    return make_staff(make_practice("little"), "Lil", "Management", access="manager")


@pytest.fixture
def much():
    """The manager of one with 15 KPIs and their notes, 30 follow-ups and 10 people present."""
    practice = make_practice("much")
    manager = make_staff(practice, "Max", "Management", access="manager")
    seat = seat_for(manager)
    people = [manager, *(make_staff(practice, f"Pat{n}", "Doctor") for n in range(9))]
    for number in range(12):
        make_kpi(practice, f"Number {number}")
    for kpi in practice.kpis.all():
        make_entry(kpi, 9, note="Short week.")
        notes.write(
            by=seat, week=WEEK, part="numbers", kpi=kpi, text="Said.", version=None, today=TODAY
        )
        for number in range(2):
            due = TODAY + timedelta(days=number)
            make_follow_up(people[number], f"Promise {number} of {kpi}", due, kpi=kpi)
    for person in people:
        attendance.mark(by=seat, week=WEEK, staff=person, is_present=True, today=TODAY)
    return manager


def statements(client, person, path, status=200, **headers):
    client.force_login(person.user)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, headers=headers)
    assert response.status_code == status
    return len(captured)


def test_the_meeting_sends_ten_for_little_and_much(client, little, much):
    counts = [
        statements(client, person, address("meeting", slug=person.practice.slug))
        for person in (little, much)
    ]
    text = client.get(address("meeting", slug="much")).content.decode()
    assert text.count("data-slide") >= 15 + 3
    assert text.count('aria-pressed="true"') == 10
    assert counts == [10, 10]


def test_the_state_sends_few_for_little_and_much_and_to_whoever_knows_it(client, little, much):
    for person in (little, much):
        path = address("meeting-state", slug=person.practice.slug)
        assert statements(client, person, path) <= 4
        etag = client.get(path)["ETag"]
        known = {"If-None-Match": etag}
        assert statements(client, person, path, 304, **known) <= 4
