"""Codes and passkeys, under the policy: set up in the account, then used to sign in."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser import pages
from tests.browser.looking import axe_faults, look

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

PERSON = "frontdesk@lumina.example"
DASHBOARD = re.compile(r"/practices/lumina/$")


def code_of(secret):
    """What an authenticator app would show now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def faults(page, watch, seen):
    """By address, what is wrong with each page; empty when nothing is."""
    found = {it.path: look(page, watch, it) for it in seen}
    assert found
    return {path: faults for path, faults in found.items() if faults}


def sign_out(page):
    page.get_by_text("Maya", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")


def test_a_code_is_asked_for_once_an_app_is_set_up(page, watch, log_in, confirm, now):
    log_in(page, PERSON)
    confirm(page)
    page.goto("/accounts/2fa/totp/activate/")
    secret = page.get_by_label("Authenticator secret").input_value()
    assert page.get_by_role("img", name=secret).evaluate("it => it.naturalWidth") > 0
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Authenticator app activated")).to_be_visible()
    assert Authenticator.objects.filter(type="totp", user__email=PERSON).exists()

    page.goto("/practices/lumina/")
    sign_out(page)
    now.shift(60)
    log_in(page, PERSON)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Two-Factor")
    assert axe_faults(page) == []
    page.get_by_placeholder("Code").fill("000000")
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    page.get_by_placeholder("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign In").click()
    expect(page).to_have_url(DASHBOARD)

    confirm(page)
    assert faults(page, watch, pages.of_codes()) == {}
    page.goto("/accounts/2fa/totp/deactivate/")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("Authenticator app deactivated")).to_be_visible()
    assert not Authenticator.objects.filter(type="totp", user__email=PERSON).exists()


def test_a_passkey_signs_in_without_a_password(page, watch, log_in, confirm):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    log_in(page, PERSON)
    confirm(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    assert Authenticator.objects.filter(type="webauthn", user__email=PERSON).exists()

    page.goto("/practices/lumina/")
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(DASHBOARD)

    confirm(page)
    passkey = Authenticator.objects.get(type="webauthn", user__email=PERSON)
    assert faults(page, watch, pages.of_a_passkey(passkey.pk)) == {}
    page.goto(f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/")
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**/accounts/2fa/webauthn/")
    assert not Authenticator.objects.filter(type="webauthn", user__email=PERSON).exists()
