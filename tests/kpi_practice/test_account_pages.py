"""kpi_practice/account_pages.py: what allauth has and this site does not; ways to take over a
login, and what refuses each."""

import re
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.urls import reverse

from funnel.models import User
from kpi_practice.account_pages import CLOSED, REAUTHENTICATED
from tests.factories import make_practice
from tests.sending import send_all

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one"
VICTIM = "ana@lumina.example"


@pytest.fixture
def thief(client):
    """Signed in with a login of their own."""
    user = User.objects.create_user("thief@elsewhere.example", PASSWORD)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return user


def test_every_closed_page_is_closed_to_everyone(client, thief):
    for route in CLOSED:
        path = f"/accounts/{route.replace('<str:key>', 'MQ')}"
        for signed_in in (True, False):
            if not signed_in:
                client.logout()
            assert client.get(path).status_code == 404
            assert client.post(path, {}).status_code == 404
        client.force_login(thief)


@pytest.mark.parametrize("action", ["action_add", "action_primary", "action_send"])
def test_an_address_of_others_is_not_claimed(client, thief, action):
    EmailAddress.objects.create(user=thief, email=VICTIM, verified=False)
    client.post("/accounts/email/", {"email": VICTIM, action: ""})
    thief.refresh_from_db()
    assert thief.email == "thief@elsewhere.example"
    assert EmailAddress.objects.get().primary is False


def test_a_claim_of_before_is_confirmed_by_no_link(client, thief):
    claim = EmailAddress.objects.create(user=thief, email=VICTIM, verified=False)
    key = EmailConfirmationHMAC(claim).key
    assert client.post(f"/accounts/confirm-email/{key}/").status_code == 404
    claim.refresh_from_db()
    assert not claim.verified


def test_the_mail_for_a_new_password_goes_to_the_login_of_the_address_alone(
    client, thief, mailoutbox
):
    victim = User.objects.create_user(VICTIM, PASSWORD)
    EmailAddress.objects.create(user=thief, email=VICTIM, verified=True)
    client.logout()
    client.post(reverse("account_reset_password"), {"email": VICTIM.upper()})
    send_all()
    (mail,) = mailoutbox
    assert mail.to == [VICTIM]
    path = re.search(r"/accounts/password/reset/key/\S+", mail.body)[0]
    page = client.get(path, follow=True)
    answer = {"password1": "another-long-one", "password2": "another-long-one"}
    client.post(page.request["PATH_INFO"], answer)
    victim.refresh_from_db()
    thief.refresh_from_db()
    assert victim.check_password("another-long-one")
    assert thief.check_password(PASSWORD)


def test_an_address_that_only_a_claim_has_gets_no_mail(client, thief, mailoutbox):
    EmailAddress.objects.create(user=thief, email=VICTIM, verified=True)
    client.logout()
    client.post(reverse("account_reset_password"), {"email": VICTIM})
    assert send_all() == {"cancelled": 1}
    assert mailoutbox == []


def test_nobody_signs_up_with_anothers_address(client):
    given = {"email": VICTIM, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", given).status_code == 404
    assert not User.objects.exists()


def test_an_open_browser_shows_no_recovery_codes(client, thief):
    Authenticator.objects.create(user=thief, type="totp", data={"secret": "A" * 32})
    RecoveryCodes.activate(thief)
    for name, _ in REAUTHENTICATED.values():
        response = client.get(reverse(name))
        assert response.status_code == 302
        assert "reauthenticate" in response.url


def test_a_login_that_was_switched_off_is_told_so_with_the_right_password_alone(client, thief):
    client.logout()
    User.objects.update(is_active=False)
    for password, is_told in ((PASSWORD, True), ("wrong", False)):
        given = {"login": thief.email, "password": password}
        text = client.post(reverse("account_login"), given, follow=True).content.decode()
        assert ("This login was disabled." in text) == is_told
    assert "_auth_user_id" not in client.session


def test_a_password_is_set_only_by_the_link_in_a_mail(client):
    user = User.objects.create_user(VICTIM)
    client.force_login(user)
    given = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/password/set/", given).status_code == 404
    client.post(reverse("account_change_password"), {"oldpassword": "", **given})
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_password_is_changed_only_with_the_old_one(client, thief):
    given = {"password1": "another-long-one", "password2": "another-long-one"}
    client.post(reverse("account_change_password"), {"oldpassword": "wrong", **given})
    thief.refresh_from_db()
    assert thief.check_password(PASSWORD)


def test_a_practice_shows_nothing_to_who_claimed_an_address_of_its_staff(client, thief):
    """Done end to end before: claim the address, wait until an admin adds it as staff."""
    make_practice("lumina")
    client.post("/accounts/email/", {"email": VICTIM, "action_add": ""})
    assert client.get("/practices/lumina/").status_code == 404


def test_migrating_forgets_what_was_claimed_and_keeps_ones_own(thief):
    """An underscore is no wildcard."""
    own = User.objects.create_user("john_doe@x.example")
    theirs = EmailAddress.objects.create(user=own, email="John_Doe@x.example")
    for user, email in ((own, "johnxdoe@x.example"), (thief, VICTIM)):
        EmailAddress.objects.create(user=user, email=email, verified=True)
    migration = import_module("kpi_practice.migrations.0002_claimed_addresses")
    migration.forget(apps, None)
    assert list(EmailAddress.objects.filter(user=own)) == [theirs]
    assert not EmailAddress.objects.filter(email=VICTIM).exists()
