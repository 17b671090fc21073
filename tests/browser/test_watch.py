"""The watch and the look themselves: a fault on a page is one they see."""

import pytest

from tests.browser.conftest import PATIENCE_MS
from tests.browser.looking import PHONE, axe_faults, too_wide
from tests.factories import make_superuser

MOMENT_MS = 20

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def login(page):
    make_superuser()  # Without anyone, signing in leads to the first admin.
    page.set_viewport_size(PHONE)
    page.goto("/accounts/login/")
    return page


@pytest.mark.parametrize(
    ("deed", "fault"),
    [
        ("console.warn('psst')", "console: psst"),
        ("setTimeout(() => { throw new Error('oops') })", "script: oops"),
        ("document.head.append(document.createElement('style'))", "policy: style-src-elem"),
        ("new Image().src = 'http://127.0.0.1:9/pixel.png'", "policy: img-src"),
        ("fetch('/nothing-here').then((it) => it.text())", "answer: 404 for /nothing-here"),
        ("location = 'http://127.0.0.1:9/'", "another origin: http://127.0.0.1:9/"),
    ],
)
def test_a_fault_is_seen(login, watch, deed, fault):
    login.evaluate(f"() => {{ {deed} }}")
    found = ""
    for _ in range(PATIENCE_MS // MOMENT_MS):
        # No single event covers all of them; waiting lets them arrive.
        login.wait_for_timeout(MOMENT_MS)
        found += "\n".join(watch.take_faults())
        if fault in found:
            break
    login.close()
    watch.take_faults()
    assert fault in found


def test_what_is_too_wide_for_a_phone_is_named(login):
    login.evaluate("document.querySelector('h1').style.width = '400px'")
    assert any("<h1" in fault for fault in too_wide(login))


def test_a_field_without_its_name_is_found(login):
    login.evaluate("document.querySelector('label').remove()")
    login.evaluate("document.querySelector('[name=login]').removeAttribute('placeholder')")
    assert any("axe label " in fault for fault in axe_faults(login))
