import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel.models import Message, Webhook
from tests.cast import make_cast
from tests.factories import make_entry, make_webhook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def hook(cast):
    return make_webhook(cast.admin)


@pytest.fixture
def url(hook):
    return reverse("webhook", args=["lumina", hook.pk])


@pytest.fixture
def as_admin(client, cast):
    client.force_login(cast.admin.user)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


def sent(client, url, **typed):
    """The page after a form was sent."""
    return text_of(client.post(url, typed, follow=True))


def test_shows_what_was_told_and_what_came_of_it(as_admin, cast, url):
    make_entry(cast.appointments, 27)
    page = text_of(as_admin.get(url))
    assert "A number is saved" in page
    assert "waiting" in page
    assert "&quot;value&quot;: 27" in page
    Message.objects.update(attempts=1, answer="It answered 503.")
    page = text_of(as_admin.get(url))
    assert "for attempt 2, Nov 24, 10:00 AM" in page
    assert "It answered 503." in page


def test_sends_a_test_once_for_a_double_click(as_admin, url):
    for _ in range(2):
        assert "A test is on its way." in sent(as_admin, url, do="test", once="a")
    assert Message.objects.get().event == "test"


def test_sends_again_what_was_given_up_and_nothing_else(as_admin, cast, url):
    make_entry(cast.appointments, 27)
    number = Message.objects.get().pk
    refused = "That message did not fail, so it is not sent again."
    for message in (number, number + 1, "", "a", "9" * 30, "1\0"):
        assert refused in sent(as_admin, url, do="again", message=message)
    Message.objects.update(state="dead", due_at=None, attempts=8)
    assert "failed</span> after 8 attempts" in text_of(as_admin.get(url))
    assert "It is sent again within a minute." in sent(as_admin, url, do="again", message=number)
    assert Message.objects.get().attempts == 0


def test_switches_off_for_good(as_admin, url):
    assert "This address is told nothing any more." in sent(as_admin, url, do="off")
    page = text_of(as_admin.get(url))
    assert "revoked</span>" in page
    assert "Send a test" not in page
    for what in ("test", "again"):
        sent(as_admin, url, do=what, once="a", message="1")
    assert not Message.objects.exists()


def test_says_that_a_webhook_is_off_to_a_page_that_still_offers_a_test(as_admin, url):
    sent(as_admin, url, do="off")
    assert "This webhook is switched off." in sent(as_admin, url, do="test", once="a")


def test_does_nothing_for_a_form_that_says_nothing(as_admin, url):
    assert "Choose what is to be done with this webhook." in sent(as_admin, url)
    assert Webhook.objects.get().revoked_at is None


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("viewer", 403), ("manager", 403)])
def test_is_for_the_practices_admins(client, cast, url, who, status):
    client.force_login(getattr(cast, who).user)
    assert client.get(url).status_code == status
    assert client.post(url, {"do": "off"}).status_code == status
    assert Webhook.objects.get().revoked_at is None


def test_one_of_the_practice_next_door_is_not_there(as_admin, cast):
    theirs = make_webhook(cast.stranger)
    assert as_admin.get(reverse("webhook", args=["lumina", theirs.pk])).status_code == 404
    assert as_admin.get(reverse("webhook", args=["harbor", theirs.pk])).status_code == 404


def test_anonymous_signs_in_first(client, url):
    assert client.post(url, {"do": "off"})["Location"].startswith("/accounts/login/")
    assert Webhook.objects.get().revoked_at is None


def test_refuses_other_methods(as_admin, url):
    assert as_admin.delete(url).status_code == 405


def test_makes_the_same_number_of_queries_for_one_and_many(as_admin, cast, url):
    def count():
        with CaptureQueriesContext(connection) as made:
            as_admin.get(url)
        return len(made)

    make_entry(cast.appointments, 27)
    one = count()
    for version in range(1, 20):
        make_entry(cast.appointments, 27 + version, version=version)
    assert count() == one == 4
