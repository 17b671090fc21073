import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from funnel.models import ApiToken
from tests.cast import make_cast
from tests.factories import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def token(cast):
    return make_token(cast.owner)[0]


def url(token, slug="lumina"):
    return reverse("token", args=[slug, token.pk])


def works():
    return ApiToken.objects.unrevoked().exists()


@pytest.mark.parametrize("who", ["owner", "manager", "admin"])
def test_its_person_and_a_manager_revoke_it(client, cast, token, who):
    client.force_login(getattr(cast, who).user)
    response = client.post(url(token), follow=True)
    assert response.redirect_chain == [(reverse("tokens", args=["lumina"]), 302)]
    assert "Monday&#x27;s report is revoked. It no longer works." in response.content.decode()
    assert not works()
    assert ApiToken.objects.get().revoked_by == getattr(cast, who).user


def test_it_is_then_refused(client, cast):
    token, text = make_token(cast.owner)
    asked = {"path": "/api/v1/practices/", "headers": {"Authorization": f"Bearer {text}"}}
    assert client.get(**asked).status_code == 200
    client.force_login(cast.owner.user)
    client.post(url(token))
    client.logout()
    assert client.get(**asked).status_code == 401


def test_once_more_changes_nothing(client, cast, token):
    client.force_login(cast.owner.user)
    client.post(url(token))
    before = ApiToken.objects.values().get()
    client.force_login(cast.admin.user)
    assert client.post(url(token)).status_code == 302
    assert ApiToken.objects.values().get() == before


@pytest.mark.parametrize("who", ["viewer", "member", "stand_in"])
def test_a_colleagues_is_not_there_and_neither_is_one_that_was_never_made(client, token, cast, who):
    client.force_login(getattr(cast, who).user)
    assert client.post(url(token)).status_code == 404
    assert client.post(url(ApiToken(pk=token.pk + 1))).status_code == 404
    assert works()


def test_another_practices_is_not_there(client, cast, token):
    client.force_login(cast.stranger.user)
    for slug in ("harbor", "lumina", "nowhere"):
        assert client.post(url(token, slug)).status_code == 404
    assert works()


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "x"])
def test_a_number_that_is_none_is_not_there(client, cast, number):
    client.force_login(cast.manager.user)
    assert client.post(f"/practices/lumina/tokens/{number}/").status_code == 404


def test_anonymous_is_asked_to_sign_in(client, token):
    assert client.post(url(token)).url.startswith(reverse("account_login"))
    assert works()


def test_only_by_the_pages_own_form(cast, token):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    assert client.post(url(token)).status_code == 403
    assert client.get(url(token)).status_code == 405
    assert works()
