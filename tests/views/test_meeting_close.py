import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings
from funnel.actions.refusals import Busy
from funnel.models import Meeting, Snapshot
from tests.cast import make_cast
from tests.factories import WEEK, make_entry
from tests.views.meeting_room import (
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


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def test_closes_the_week_keeps_the_board_and_leads_to_the_recap(client, cast):
    make_entry(cast.leads, 90)
    response = send(client, cast.manager, address("meeting-close"))
    assert response.url == reverse("recap", args=["lumina", WEEK])
    assert told(response) == ["The meeting of Nov 16 – 22, 2026 is closed."]
    assert Meeting.objects.get().closed_by == cast.manager.user
    assert Snapshot.objects.get().board["stages"][0]["value"] == "90.00"


def test_the_page_says_what_is_missing_before_and_who_closed_it_after(client, cast):
    make_entry(cast.leads, 90)
    client.force_login(cast.manager.user)
    text = page_of(client.get(address("meeting")))
    assert "Still missing: Appointments, Patients acquired. Closing makes" in text
    client.post(address("meeting-close"))
    text = page_of(client.get(address("meeting")))
    assert "Closed by Ana." in text
    assert address("meeting-close") not in text


def test_only_a_manager_closes(client, cast):
    only_a_manager_sends(client, cast, "meeting-close")
    reading_leads_to_the_meeting(client, cast, "meeting-close")


def test_closing_once_more_changes_nothing(client, cast):
    assert answer_once_closed(client, cast, "meeting-close").status_code == 302


def test_a_busy_week_is_told_so(client, cast, monkeypatch):
    def busy(**_):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(meetings, "close", busy)
    before = stored()
    response = send(client, cast.manager, address("meeting-close"))
    assert response.status_code == 503
    assert stored() == before


def test_a_week_that_runs_is_not_closed(client, cast):
    running = reverse("meeting-close", args=["lumina", WEEK.next])
    assert send(client, cast.manager, running).status_code == 404
    assert not Meeting.objects.filter(closed_at__isnull=False).exists()
