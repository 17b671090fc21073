"""A first visit with production's static files: few requests, few bytes, nothing unnamed."""

from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from whitenoise.compress import Compressor

from bench.weigh import linked
from funnel.models import User

pytestmark = pytest.mark.usefixtures("demo")

DASHBOARD = "/practices/lumina/"
KB = 1000


@pytest.fixture
def collected(settings, tmp_path):
    """Static files as they are served in production: hashed and compressed."""
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "kpi_practice.storage.HashedStaticFilesStorage"},
    }
    # No page here names these, and packing them takes most of the time.
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", *Compressor.SKIP_COMPRESS_EXTENSIONS]
    others = ["admin", "ninja", "simple_history"]
    call_command("collectstatic", ignore=others, interactive=False, verbosity=0)


@pytest.fixture
def client(client):
    client.force_login(User.objects.get(email="viewer@lumina.example"))
    return client


def fetch(client, path):
    """The body as it is sent to a browser."""
    answer = client.get(path, headers={"accept-encoding": "gzip, deflate, br"})
    assert answer.status_code == 200, path
    body = answer.getvalue()
    answer.close()
    return body


def parts(client, path):
    """What the page at that address makes a browser fetch."""
    return linked(client.get(path).text)


@pytest.mark.usefixtures("collected")
def test_the_dashboard_takes_at_most_ten_requests_and_120_kb_from_sign_in_on(client):
    assert len(fetch(client, f"{DASHBOARD}?weeks=52")) <= 20 * KB
    of_dashboard = parts(client, DASHBOARD)
    assert 1 + len(of_dashboard) <= 10
    of_login = parts(Client(), "/accounts/login/")
    assert 1 + len(of_login) <= 10
    pages = len(fetch(Client(), "/accounts/login/")) + len(fetch(client, DASHBOARD))
    sizes = {path: len(fetch(client, path)) for path in {*of_login, *of_dashboard}}
    assert pages + sum(sizes.values()) <= 120 * KB, sizes


@pytest.mark.browser
def test_the_browser_fetches_nothing_that_the_page_does_not_name(page, sign_in, watch, client):
    sign_in(page.context, "viewer@lumina.example")
    page.goto(DASHBOARD)
    page.wait_for_load_state("networkidle")
    fetched = [urlsplit(url).path for url in watch.requests]
    assert len(fetched) == len(set(fetched)) > 5
    assert set(fetched) <= {DASHBOARD, *parts(client, DASHBOARD)}
