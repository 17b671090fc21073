import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel.actions import webhooks
from funnel.models import Webhook
from tests.cast import make_cast
from tests.factories import make_webhook

pytestmark = pytest.mark.django_db

URL = reverse("webhooks", args=["lumina"])
WISHES = ("wants_entries", "wants_closings", "wants_unowned")
TYPED = {
    "url": "https://example.com/kpi",
    "wants_entries": "on",
    "wants_closings": "on",
    "once": "once",
}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def as_admin(client, cast):
    client.force_login(cast.admin.user)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


def test_shows_the_secret_once(as_admin):
    page = text_of(as_admin.post(URL, TYPED))
    hook = Webhook.objects.get()
    secret = webhooks.secret_of(hook)
    assert f'value="{secret}" readonly' in page
    assert "It will not be shown again." in page
    again = text_of(as_admin.get(URL))
    assert secret not in again
    assert "https://example.com/kpi" in again
    assert "Told when a number is saved, when a week is closed." in again
    assert "whsec_" not in again


def test_a_second_click_makes_no_second_one(as_admin):
    first, second = (text_of(as_admin.post(URL, TYPED)) for _ in range(2))
    found = [re.search(r"whsec_[^\"]+", page).group() for page in (first, second)]
    assert found[0] == found[1]
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "https://10.0.0.1/"}, "This address is of a private network"),
        ({"url": ""}, "Write the address, as in"),
        ({"wants_entries": "", "wants_closings": ""}, "Choose at least one thing"),
    ],
)
def test_bad_input_says_its_sentence_and_keeps_what_was_typed(as_admin, changes, sentence):
    page = text_of(as_admin.post(URL, {**TYPED, **changes}))
    assert sentence in page
    typed = {**TYPED, **changes}
    # An empty field has no value at all.
    assert (f'value="{typed["url"]}"' in page) == bool(typed["url"])
    assert page.count(" checked") == sum(bool(typed.get(wish)) for wish in WISHES)
    assert not Webhook.objects.exists()


def test_the_eleventh_is_refused_with_its_sentence(as_admin, cast):
    for number in range(webhooks.MOST):
        make_webhook(cast.admin, once=str(number))
    page = text_of(as_admin.post(URL, TYPED))
    assert "A practice has at most 10 webhooks. Revoke one first." in page
    assert Webhook.objects.count() == 10


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("viewer", 403), ("owner", 403), ("manager", 403), ("superuser", 200)],
)
def test_is_for_the_practices_admins(client, cast, who, status):
    person = getattr(cast, who)
    client.force_login(getattr(person, "user", person))
    for response in (client.get(URL), client.post(URL, TYPED)):
        assert response.status_code == status
    assert Webhook.objects.exists() == (status == 200)


def test_anonymous_signs_in_first(client, cast):
    response = client.post(URL, TYPED)
    assert response["Location"].startswith("/accounts/login/")
    assert not Webhook.objects.exists()


def test_refuses_other_methods(as_admin):
    assert as_admin.put(URL).status_code == 405


def test_makes_the_same_number_of_queries_for_one_and_many(as_admin, cast):
    make_webhook(cast.admin)
    with CaptureQueriesContext(
        connection,
    ) as few:
        as_admin.get(URL)
    for number in range(8):
        make_webhook(cast.admin, once=str(number))
    with CaptureQueriesContext(connection) as many:
        as_admin.get(URL)
    assert len(few) == len(many) == 3


def test_only_admins_find_it_in_their_menu(client, cast):
    for who, is_there in (("admin", True), ("manager", False)):
        client.force_login(getattr(cast, who).user)
        page = client.get(reverse("dashboard", args=["lumina"])).content.decode()
        assert (f'href="{URL}"' in page) == is_there
