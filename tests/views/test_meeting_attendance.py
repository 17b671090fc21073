import pytest
import time_machine

from funnel.actions import staff
from funnel.models import Attendance
from tests.cast import make_cast
from tests.factories import TODAY, root_seat
from tests.views.meeting_room import (
    CLOSED,
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


def mark(client, cast, **typed):
    return send(client, cast.manager, address("meeting-attendance"), **typed)


def test_notes_who_is_there_and_takes_it_back(client, cast):
    response = mark(client, cast, present=cast.owner.pk)
    assert (response.status_code, response.url) == (302, address("meeting"))
    assert Attendance.objects.get().staff == cast.owner
    assert f'name="absent" value="{cast.owner.pk}" aria-pressed="true"' in page_of(
        client.get(response.url)
    )
    mark(client, cast, absent=cast.owner.pk)
    assert not Attendance.objects.exists()


def test_only_a_manager_marks(client, cast):
    only_a_manager_sends(client, cast, "meeting-attendance", present=cast.owner.pk)
    reading_leads_to_the_meeting(client, cast, "meeting-attendance")


@pytest.mark.parametrize("number", ["", "0", "-1", "Maya", "1\x00", "999999", "9" * 19, "9" * 40])
def test_whoever_is_not_here_is_404(client, cast, number):
    before = stored()
    assert mark(client, cast, present=number).status_code == 404
    assert mark(client, cast, absent=number).status_code == 404
    assert stored() == before


def test_next_doors_person_is_404_and_nobody_is_named(client, cast):
    before = stored()
    assert mark(client, cast, present=cast.stranger.pk).status_code == 404
    assert mark(client, cast).status_code == 404
    assert stored() == before


def test_whoever_has_left_is_not_marked_and_told_so(client, cast):
    staff.deactivate(by=root_seat(cast.practice), staff=cast.member, today=TODAY)
    before = stored()
    response = mark(client, cast, present=cast.member.pk)
    assert told(response) == ["Lee does not work at Lumina Aesthetics."]
    assert stored() == before


def test_a_closed_meeting_marks_nobody(client, cast):
    response = answer_once_closed(client, cast, "meeting-attendance", present=cast.owner.pk)
    assert told(response) == [CLOSED]
