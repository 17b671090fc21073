"""What every browser test has: the demo's practices on a fixed day, and a watch on the browser."""

import io

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from funnel.management.commands.demo import PASSWORD
from funnel.models import User
from tests.browser.watch import Watch
from tests.factories import TODAY
from tests.kept import Kept

NOW = f"{TODAY}T15:00Z"
# Long enough for a busy machine; a locator that is there at once waits for nothing.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(autouse=True)
def now():
    """The meeting's Tuesday at ten in New York, for the live server in this process too."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


_demo = Kept(lambda: call_command("demo", today=TODAY, stdout=io.StringIO()))


@pytest.fixture
def demo(transactional_db):
    """Lumina, where patients acquired is missing, and Harbor, where appointments has no owner.

    The command runs for the first test alone; the others get its rows put back.
    """
    _demo()


@pytest.fixture
def watch(live_server):
    """What the browser complained of and asked for; a test ends with no fault left."""
    watch = Watch(live_server.url)
    yield watch
    assert watch.take_faults() == []


@pytest.fixture
def new_context(new_context, watch):
    """As pytest-playwright's, watched."""

    def make(**options):
        context = new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        watch.follow(context)
        return context

    return make


@pytest.fixture
def sign_in(live_server):
    """`sign_in(context, email)`: by a session of the server's, without its login page."""

    def sign(context, email):
        client = Client()
        client.force_login(User.objects.get(email=email))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return sign


@pytest.fixture
def log_in():
    """`log_in(page, email)`: through the login page, as a person does."""

    def log(page, email):
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)

    return log


@pytest.fixture
def confirm():
    """`confirm(page)`: enter the password again, as required before changing the sign-in."""

    def say(page):
        page.goto("/accounts/reauthenticate/?next=/accounts/2fa/")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url("**/accounts/2fa/")

    return say
