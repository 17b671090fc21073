"""The host's pages of the admin: jobs and messages."""

import pytest
import time_machine
from django.utils import timezone

from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS
from funnel.models import JobRun, Message
from tests.cast import make_cast
from tests.factories import close_week, make_superuser

pytestmark = pytest.mark.django_db

PAGE, LIST = "/admin/funnel/jobrun/", "/admin/funnel/message/"


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def as_root(client):
    client.force_login(make_superuser())
    return client


def text_of(client, url):
    return " ".join(client.get(url).content.decode().split())


def test_shows_each_job_and_what_is_late_in_words(as_root):
    register(jobs=JOBS[1:], now=timezone.now())
    JobRun.objects.filter(name="unowned").update(
        ended_at=timezone.now(), outcome="failed", detail="LookupError; see the log."
    )
    text = text_of(as_root, PAGE)
    assert text.count("</span> on time") == len(JOBS) - 2
    assert '<span aria-hidden="true">▲</span> late' in text
    assert '<span aria-hidden="true">▲</span> failed</strong> LookupError; see the log.' in text
    assert "0 waiting" in text
    assert "2 jobs are late or failed." in text_of(as_root, "/admin/")


def test_with_nothing_late_the_index_is_silent(as_root):
    register(jobs=JOBS, now=timezone.now())
    assert "Jobs and messages</a>" not in text_of(as_root, "/admin/")


def test_lists_messages_by_state_and_sends_again_what_was_given_up(as_root):
    cast = make_cast()
    close_week(cast.manager)
    dead = Message.objects.get(staff=cast.owner)
    Message.objects.filter(pk=dead.pk).update(state="dead", due_at=None, attempts=8)
    text = text_of(as_root, f"{LIST}?state=dead")
    assert "maya@lumina.example" in text
    assert "ana@lumina.example" not in text
    chosen = {"action": "send_again", "_selected_action": [dead.pk], "index": "0"}
    for sentence in ("They are sent within a minute.", "No failed message is selected."):
        assert sentence in as_root.post(LIST, chosen, follow=True).content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("waiting", 0)


def test_a_message_shows_no_text_of_its_own(as_root):
    close_week(make_cast().manager)
    page = text_of(as_root, f"{LIST}{Message.objects.latest('pk').pk}/change/")
    assert "recap of a meeting" in page
    assert "meeting&quot;:" not in page


@pytest.mark.parametrize("url", [PAGE, LIST])
def test_an_admin_of_a_practice_sees_neither(client, url):
    client.force_login(make_cast().admin.user)
    assert client.get(url).status_code == 403
    assert "funnel/message" not in text_of(client, "/admin/")
