"""Every page: no console error, no blocked content, no other origin, nothing axe finds in light or
dark, no sideways scrolling on a phone."""

import pytest
from django.core.management import call_command
from django.urls import get_resolver, resolve

from funnel.actions import practices
from funnel.models import Practice, Staff
from tests.browser import pages
from tests.browser.looking import look
from tests.factories import (
    answer_start,
    close_week,
    make_practice,
    make_start,
    make_superuser,
    root_seat,
)

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.usefixtures("demo")]

ELSEWHERE = {
    "baseline": "answers a POST; its refusals are in tests/views/test_baseline.py",
    "end-baseline": "answers a POST",
    "join": "answers a POST",
    "enter-number": "answers a POST; its refusals are in test_enter.py and test_enter_conflict.py",
    "screen": "answers a POST",
    "token": "answers a POST",
    "meeting-agenda": "answers a POST with the meeting's page",
    "meeting-attendance": "as above",
    "meeting-close": "as above",
    "meeting-follow-up": "as above",
    "meeting-number": "as above",
    "meeting-note": "answers a POST; its conflict is in test_meeting.py",
    "meeting-state": "answers the script",
    "meeting-reopen": "answers a POST; its refusals are in tests/views/test_meeting_reopen.py",
    "calendar": "a file for calendar apps",
    "export-file": "a file",
    "healthz": "no page",
    "readyz": "no page",
    "account_email": "closed: it answers 404",
    "account_confirm_email": "closed",
    "account_email_verification_sent": "closed",
    "account_confirm_login_code": "closed",
    "account_set_password": "closed",
    "account_inactive": "closed",
    "mfa_authenticate": "in test_second_factor.py",
    "mfa_reauthenticate_webauthn": "answers a POST",
    "mfa_login_webauthn": "answers the script; in test_second_factor.py",
    "mfa_download_recovery_codes": "a text file",
}


def faults(page, watch, seen, **options):
    """By address, what is wrong with each page; empty when nothing is."""
    found = {it.path: look(page, watch, it, **options) for it in seen}
    assert found
    return {path: faults for path, faults in found.items() if faults}


def test_the_pages_of_anyone(page, watch):
    assert faults(page, watch, pages.signed_out()) == {}


def test_the_pages_on_a_wall(page, watch):
    assert faults(page, watch, pages.of_a_wall()) == {}


def test_the_pages_of_a_link(page, watch):
    assert faults(page, watch, pages.of_a_link()) == {}


@pytest.mark.parametrize(
    ("email", "seen"),
    [
        ("coordinator@lumina.example", pages.of_an_owner),
        ("viewer@lumina.example", pages.of_a_viewer),
        ("group@lumina.example", pages.of_a_group_manager),
    ],
    ids=["owner", "viewer", "group"],
)
def test_the_pages_of_a_practice(page, watch, sign_in, email, seen):
    close_week(Staff.objects.get(practice__slug="lumina", name="Ana"), pages.CLOSED)
    sign_in(page.context, email)
    assert faults(page, watch, seen()) == {}


def test_the_pages_of_an_empty_practice(page, watch, sign_in):
    make_practice("empty")
    sign_in(page.context, make_superuser().email)
    assert faults(page, watch, pages.of_an_admin_of_an_empty_practice()) == {}


def test_the_pages_of_a_start(page, watch, sign_in):
    practice = make_start()
    answer_start(practice)
    practices.change(by=root_seat(practice), start_step=Practice.Step.SUMMARY)
    sign_in(page.context, make_superuser().email)
    assert faults(page, watch, pages.of_a_start()) == {}


@pytest.mark.parametrize("is_https", [False, True])
def test_the_page_of_an_empty_installation(page, watch, settings, is_https):
    settings.IS_HTTPS = is_https
    call_command("flush", interactive=False, verbosity=0)
    assert faults(page, watch, pages.of_an_empty_installation()) == {}


def test_the_pages_of_an_account(page, watch, log_in, confirm):
    log_in(page, "frontdesk@lumina.example")
    confirm(page)
    assert faults(page, watch, pages.of_an_account()) == {}


@pytest.mark.parametrize(
    ("email", "seen"),
    [
        ("admin@harbor.example", pages.of_an_admin),
        ("root@example.com", pages.of_a_superuser),
    ],
    ids=["admin", "superuser"],
)
def test_the_pages_of_the_admin_site(page, watch, sign_in, email, seen):
    sign_in(page.context, email)
    assert faults(page, watch, seen(), is_admin_site=True) == {}


def test_no_address_is_left_out():
    """Of ours and of signing in; the admin site's are taken from its registry. Those of codes and
    passkeys are looked at in test_second_factor.py, where someone has one."""
    of_all = (
        pages.signed_out,
        pages.of_a_wall,
        pages.of_a_link,
        pages.of_an_owner,
        pages.of_an_account,
        pages.of_codes,
        pages.of_a_passkey,
        pages.of_a_group_manager,
        pages.of_an_admin,
        pages.of_a_start,
    )
    seen = {resolve(it.path.split("?")[0]).url_name for each in of_all for it in each()}
    every = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert every - seen == ELSEWHERE.keys()
