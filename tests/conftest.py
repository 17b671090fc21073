"""What holds for every test: no network, a fixed search for counterexamples, Debian's Chromium."""

import gc
import ipaddress
import os
import shutil
import socket
from collections import Counter

import pytest
from django.db import connection
from hypothesis import settings as hypothesis_settings

from funnel import parts
from tests import database

IS_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
CHROMIUM = shutil.which("chromium")
# Debian has it where only root looks.
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NEEDED = {
    "browser": (CHROMIUM, "chromium is not installed (apt-get install -y chromium)"),
    "nginx": (NGINX, "nginx is not installed (apt-get install -y nginx-light)"),
}

# Playwright runs an event loop on the test's thread, which Django takes for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The same examples every time: a test that fails now and then teaches people to run it again.
hypothesis_settings.register_profile("fixed", deadline=None, derandomize=True)
hypothesis_settings.load_profile("fixed")


def pytest_report_header(config):
    """The database of the tests."""
    return f"database: {connection.vendor}, chromium: {CHROMIUM or 'not installed'}"


def pytest_collection_modifyitems(config, items):
    """Where two databases are tested, dev.py has the second run leave to the first what cannot tell
    them apart: what asks no database, and how pages look."""
    # Of two tests with the same id only one is run in parallel.
    shared = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if shared:
        raise pytest.UsageError(f"several tests have the id {shared[0]}")
    if not os.environ.get("KPI_TEST_DATABASE_ALONE"):
        return
    left = [item for item in items if not asks_a_database(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if asks_a_database(item)]


def pytest_collection_finish(session):
    """What is loaded by now stays: looking through all of it again and again for garbage takes a
    seventh of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def asks_a_database(item):
    """Whether a test could turn out otherwise on another database."""
    if item.get_closest_marker("looks"):
        return False
    is_marked = item.get_closest_marker("django_db") or item.get_closest_marker("postgresql")
    fixtures = {"db", "transactional_db", "live_server", "django_db_setup"}
    of_django = any(
        getattr(thing, "__module__", "").startswith("django.db")
        for thing in vars(item.module).values()
    )
    return bool(is_marked) or of_django or not fixtures.isdisjoint(item.fixturenames)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Skips, with the reason, what this machine or this database cannot run; in CI that fails."""
    for marker, (program, reason) in NEEDED.items():
        if item.get_closest_marker(marker) and not program:
            if IS_CI:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("runs on PostgreSQL only: set TEST_DATABASE_URL and use dev.py test")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Replaces pytest-django's, which migrates an empty database in each process."""
    with django_db_blocker.unblock():
        database.set_up()
    yield
    with django_db_blocker.unblock():
        database.tear_down()


@pytest.fixture(autouse=True, scope="session")
def _emptied_by_deleting():
    """Empties PostgreSQL's tables row by row after a test that commits. There are some 60 with few
    rows: TRUNCATE makes each a new file and waits for the disk, ten times as long."""

    real = connection.ops.sql_flush

    def sql_flush(style, tables, **how):
        if any(how.values()):
            return real(style, tables, **how)
        return [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables]  # noqa: S608

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "postgresql":
            patch.setattr(connection.ops, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _no_parts():
    """Gives up every rendered part: after a rollback the same version has other numbers."""
    parts.cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """Refuses every connection that would leave this machine."""
    real_connect = socket.socket.connect

    def connect(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(address[0]):
            raise OSError(f"a test tried to reach {address[0]}")
        return real_connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


def _is_local(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, headless, with everything switched off that would call home."""
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def base_url(live_server):
    """The live server's address, so that browser tests say `page.goto("/")`."""
    return live_server.url
