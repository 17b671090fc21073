"""Every page: no console error, no blocked content, no other origin, nothing axe finds, in light and
dark, no sideways scrolling on a phone."""

import pytest

from tests.browser import pages
from tests.browser.looking import look
from tests.factories import make_practice, make_superuser

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]


def faults(page, watch, seen, **options):
    """By address, what is wrong with each page; empty when nothing is."""
    found = {it.path: look(page, watch, it, **options) for it in seen}
    assert found
    return {path: faults for path, faults in found.items() if faults}


def test_the_pages_of_anyone(page, watch):
    assert faults(page, watch, pages.signed_out()) == {}


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
    sign_in(page.context, email)
    assert faults(page, watch, seen()) == {}


def test_the_pages_of_an_empty_practice(page, watch, sign_in):
    make_practice("empty")
    sign_in(page.context, make_superuser().email)
    assert faults(page, watch, pages.of_an_admin_of_an_empty_practice()) == {}


def test_the_pages_of_an_account(page, watch, log_in):
    log_in(page, "frontdesk@lumina.example")
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
