import pytest
import time_machine

from tests.cast import make_cast
from tests.views.meeting_room import (
    CLOSED,
    PLANNED,
    address,
    answer_once_closed,
    only_a_manager_sends,
    page_of,
    reading_leads_to_the_meeting,
    send,
    stored,
    told,
)

pytestmark = pytest.mark.django_db

MINUTES = {"numbers": "10", "ahead": "4", "issues": "20"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def planned(cast):
    cast.practice.refresh_from_db()
    return tuple(getattr(cast.practice, name) for name in PLANNED)


def test_sets_the_minutes_and_leads_back(client, cast):
    response = send(client, cast.manager, address("meeting-agenda"), **MINUTES)
    assert (response.status_code, response.url) == (302, address("meeting"))
    assert planned(cast) == (10, 4, 20)
    assert "34 in all" in page_of(client.get(response.url))


def test_only_a_manager_plans(client, cast):
    only_a_manager_sends(client, cast, "meeting-agenda", **MINUTES)
    reading_leads_to_the_meeting(client, cast, "meeting-agenda")


@pytest.mark.parametrize("typed", ["", "0", "121", "2.5", "ten", "-3", "9" * 30, "1\x000"])
def test_refuses_what_is_no_minutes_beside_its_field_and_keeps_the_rest(client, cast, typed):
    before = stored()
    response = send(client, cast.manager, address("meeting-agenda"), **MINUTES | {"ahead": typed})
    text = page_of(response)
    sentence = text.split('id="id_ahead-error">')[1].split("</p>")[0]
    assert sentence.endswith("Write a whole number of minutes, 1 to 120.")
    assert text.count("Write a whole number of minutes") == 1
    for name, kept in (("numbers", "10"), ("ahead", typed), ("issues", "20")):
        assert f'name="{name}" value="{kept}"' in text or "\0" in kept
    assert stored() == before


def test_a_closed_meeting_is_planned_no_more(client, cast):
    assert told(answer_once_closed(client, cast, "meeting-agenda", **MINUTES)) == [CLOSED]
    assert planned(cast) == (8, 2, 5)


def test_sending_what_is_planned_changes_nothing(client, cast):
    send(client, cast.manager, address("meeting-agenda"), **MINUTES)
    before = cast.practice.history.count()
    send(client, cast.admin, address("meeting-agenda"), **MINUTES)
    assert cast.practice.history.count() == before
