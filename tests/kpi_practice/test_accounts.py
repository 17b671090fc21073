"""kpi_practice/accounts.py: how people come in."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel.models import Message, User
from kpi_practice.accounts import InvitedOnlyAdapter
from tests.sending import send_all

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one"


@pytest.fixture
def person():
    return User.objects.create_user(email="owner@lumina.example", password=PASSWORD)


def sign_in(client, *, password=PASSWORD, email="owner@lumina.example", **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


def test_nobody_signs_up(client, rf):
    assert InvitedOnlyAdapter().is_open_for_signup(rf.get("/")) is False


def test_the_right_password_signs_in_by_email(client, person):
    response = sign_in(client)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)


def test_the_sixth_wrong_password_in_five_minutes_is_throttled_even_if_right(client, person):
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 200
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_next_never_leaves_the_site(client, person):
    response = sign_in(client, next="https://elsewhere.example/")
    assert response["Location"] == "/"


def test_next_within_the_site_is_followed(client, person):
    assert sign_in(client, next="/admin/")["Location"] == "/admin/"


def test_a_deactivated_person_does_not_sign_in(client, person):
    person.is_active = False
    person.save(update_fields=["is_active"])
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_the_admin_sends_to_the_same_throttled_form(client):
    response = client.get(reverse("admin:login"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_every_page_asks_for_a_sign_in_first(client):
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next=/"


def test_the_sign_in_page_is_not_cached_and_carries_the_policy(client):
    response = client.get(reverse("account_login"))
    assert "no-store" in response["Cache-Control"]
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_forgotten_password_is_answered_by_a_mail_with_a_link(client, person, mailoutbox):
    response = client.post(reverse("account_reset_password"), {"email": person.email})
    assert response.status_code == 302
    assert mailoutbox == []
    send_all()
    [mail] = mailoutbox
    assert mail.to == [person.email]
    assert "http://testserver/accounts/password/reset/key/" in mail.body


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, mailoutbox):
    response = client.post(reverse("account_reset_password"), {"email": "who@lumina.example"})
    assert response.status_code == 302
    assert send_all() == {"cancelled": 1}
    assert mailoutbox == []


def test_the_link_has_the_host_and_port_of_the_site_whatever_the_request_says(
    client, person, mailoutbox, settings
):
    settings.SITE_URL = "https://kpi.example.com:8443"
    address = reverse("account_reset_password")
    client.post(address, {"email": person.email}, headers={"host": "testserver:9999"})
    send_all()
    assert "https://kpi.example.com:8443/accounts/password/reset/key/" in mailoutbox[0].body


def test_a_known_and_an_unknown_address_cost_the_same_statements(client, person):
    asked = []
    unknown = "nobody@lumina.example"
    # The first counts the attempts of this network for the first time; the second round is while
    # the mail to the known one waits.
    for email in ("other@lumina.example", person.email, unknown, person.email, unknown):
        with CaptureQueriesContext(connection) as captured:
            client.post(reverse("account_reset_password"), {"email": email})
        asked.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in captured])
    assert asked[1] == asked[2]
    assert asked[3] == asked[4]


def test_of_several_requests_the_latest_is_mailed(client, person, mailoutbox):
    for _ in range(3):
        client.post(reverse("account_reset_password"), {"email": person.email})
    assert send_all() == {"cancelled": 2, "delivered": 1}
    client.post(reverse("account_reset_password"), {"email": person.email})
    assert send_all() == {"delivered": 1}


def test_an_address_longer_than_any_is_refused(client):
    email = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example"
    response = client.post(reverse("account_reset_password"), {"email": email})
    assert (response.status_code, Message.objects.count()) == (200, 0)
