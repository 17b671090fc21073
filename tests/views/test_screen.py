import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from funnel.models import Screen
from tests.cast import make_cast
from tests.factories import make_screen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def screen(cast):
    return make_screen(cast.practice)[0]


def url(screen, slug="lumina"):
    return reverse("screen", args=[slug, screen.pk])


def is_on():
    return Screen.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_switches_it_off_and_says_so(client, cast, screen, who):
    client.force_login(getattr(cast, who).user)
    response = client.post(url(screen), follow=True)
    assert response.redirect_chain == [(reverse("screens", args=["lumina"]), 302)]
    text = response.content.decode()
    assert "Meeting room is revoked. Its address no longer works." in text
    assert not is_on()
    assert Screen.objects.get().revoked_by == getattr(cast, who).user


def test_its_address_then_leads_nowhere(client, cast):
    screen, token = make_screen(cast.practice)
    assert client.get(reverse("tv", args=[token])).status_code == 200
    client.force_login(cast.manager.user)
    client.post(url(screen))
    assert client.get(reverse("tv", args=[token])).status_code == 404


def test_once_more_changes_nothing(client, cast, screen):
    client.force_login(cast.manager.user)
    client.post(url(screen))
    before = Screen.objects.values().get()
    client.force_login(cast.admin.user)
    assert client.post(url(screen)).status_code == 302
    assert Screen.objects.values().get() == before


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_whoever_is_no_manager_gets_403_and_learns_no_number(client, cast, screen, who):
    client.force_login(getattr(cast, who).user)
    missing = Screen(pk=screen.pk + 1)
    assert client.post(url(screen)).status_code == 403
    assert client.post(url(missing)).status_code == 403
    assert is_on()


def test_another_practices_screen_is_not_there(client, cast, screen):
    client.force_login(cast.stranger.user)
    assert client.post(url(screen, "harbor")).status_code == 404
    assert client.post(url(screen)).status_code == 404
    assert client.post(url(screen, "nowhere")).status_code == 404
    assert is_on()


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "x"])
def test_a_number_that_is_none_is_not_there(client, cast, number):
    client.force_login(cast.manager.user)
    assert client.post(f"/practices/lumina/screens/{number}/").status_code == 404


def test_anonymous_is_asked_to_sign_in(client, screen):
    assert client.post(url(screen)).url.startswith(reverse("account_login"))
    assert is_on()


def test_only_by_the_pages_own_form(cast, screen):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.manager.user)
    assert client.post(url(screen)).status_code == 403
    assert client.get(url(screen)).status_code == 405
    assert is_on()
