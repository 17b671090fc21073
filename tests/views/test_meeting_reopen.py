import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings
from funnel.actions.refusals import Busy
from funnel.models import Meeting, Message
from tests.cast import make_cast
from tests.factories import WEEK, close_week, seat_for
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    cast = make_cast()
    close_week(cast.manager)
    return cast


def url(slug="lumina"):
    return reverse("meeting-reopen", args=[slug, WEEK])


def post(client, user, reason, slug="lumina"):
    client.force_login(user)
    return client.post(url(slug), {"reason": reason})


def is_closed(cast):
    return Meeting.objects.get(practice=cast.practice).is_closed


def test_a_manager_opens_a_closed_week_with_a_reason(client, cast):
    response = post(client, cast.manager.user, " Counted twice. ")
    assert response.url == reverse("meeting", args=["lumina", WEEK])
    meeting = Meeting.objects.get()
    assert not meeting.is_closed
    assert (meeting.reopened_by, meeting.reopened_because) == (cast.manager.user, "Counted twice.")
    assert not Message.objects.waiting().exists()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "Enter a reason for reopening the week."),
        ("x" * 201, "A reason has at most 200 characters."),
    ],
)
def test_a_refused_form_stands_on_the_recap_with_what_was_typed(client, cast, reason, said):
    response = post(client, cast.manager.user, reason)
    text = response.content.decode()
    assert response.status_code == 200
    assert said in text
    assert f'value="{reason}"' in text or not reason
    assert '<details class="more reopen" open>' in text
    assert is_closed(cast)


def test_a_second_click_changes_nothing(client, cast):
    post(client, cast.manager.user, "Counted twice.")
    post(client, cast.admin.user, "Another reason.")
    assert Meeting.objects.get().reopened_because == "Counted twice."


def test_someone_else_is_saving(client, cast, monkeypatch):
    def busy(**_):
        raise Busy("Locked.")

    monkeypatch.setattr(meetings, "reopen", busy)
    response = post(client, cast.manager.user, "Counted twice.")
    assert response.status_code == 503
    text = response.content.decode()
    assert '<input type="hidden" name="reason" value="Counted twice.">' in text
    assert is_closed(cast)


def test_a_week_without_a_meeting_and_without_a_reason_is_not_found(client, cast):
    client.force_login(cast.manager.user)
    nowhere = reverse("meeting-reopen", args=["lumina", WEEK.previous])
    assert client.post(nowhere, {"reason": ""}).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "owner", "member"])
def test_only_a_manager_does(client, cast, who):
    assert post(client, getattr(cast, who).user, "Please.").status_code == 403
    assert is_closed(cast)


def test_a_stranger_gets_404_and_changes_nothing(client, cast):
    assert post(client, cast.stranger.user, "Please.").status_code == 404
    assert is_closed(cast)


def test_a_superuser_may(client, cast):
    assert post(client, cast.superuser, "Counted twice.").status_code == 302
    assert not is_closed(cast)


def test_anonymous_is_asked_to_sign_in(client, cast):
    assert client.post(url(), {"reason": "x"}).url.startswith(reverse("account_login"))
    assert is_closed(cast)


def test_reading_it_leads_to_the_recap_and_no_other_method_does_anything(client, cast):
    client.force_login(cast.manager.user)
    assert client.get(url()).url == reverse("recap", args=["lumina", WEEK])
    assert client.delete(url()).status_code == 405


def test_next_door_stays_closed(client, cast):
    close_week(cast.stranger)
    post(client, cast.manager.user, "Please.", "harbor")
    assert Meeting.objects.get(practice=cast.stranger.practice).is_closed
    assert seat_for(cast.stranger).is_manager
