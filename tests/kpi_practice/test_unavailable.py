"""kpi_practice/unavailable.py: 503 in words, whatever the database's trouble and wherever it is."""

import errno
import json
import sqlite3
from contextlib import contextmanager

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from funnel.actions import entries
from funnel.actions.faults import Fault
from funnel.models import KPIGroup, WeeklyEntry
from kpi_practice import unavailable
from tests.cast import make_cast
from tests.factories import WEEK, make_screen, make_token

pytestmark = pytest.mark.django_db

PAGE = f"/practices/lumina/enter/{WEEK}/"
NUMBER = f"{PAGE}appointments/"
API = "/api/v1/practices/lumina/"
ADMIN = "/admin/funnel/kpigroup/add/"
READS = {"page": PAGE, "API": f"{API}kpis/", "admin": ADMIN}
WRITES = ("page", "API", "admin")
TYPED = {"value": "27", "note": '"quoted" & <b>bold</b>\nsecond line'}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def token(cast):
    return make_token(cast.owner)[1]


@pytest.fixture
def as_owner(client, cast):
    return signed_in(cast.owner)


def signed_in(person):
    """A browser that is shown what a server answers, instead of the exception."""
    client = Client(raise_request_exception=False)
    client.force_login(person.user)
    return client


def reader(kind, cast, token):
    """What asks for a page of that kind, signed in already."""
    client = signed_in(cast.admin if kind == "admin" else cast.owner)
    headers = {"Authorization": f"Bearer {token}"} if kind == "API" else {}
    return lambda: client.get(READS[kind], headers=headers)


def write(kind, cast, token):
    """The answer to what is sent there."""
    if kind == "API":
        client = Client(raise_request_exception=False)
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{API}entries/appointments/{WEEK}/"
        return client.put(address, json.dumps({"value": 27}), "application/json", headers=headers)
    if kind == "admin":
        return signed_in(cast.admin).post(ADMIN, {"name": "Money", "order": 1})
    return signed_in(cast.owner).post(NUMBER, TYPED)


def of_postgresql(code):
    cause = Exception("of the driver")
    cause.pgcode = code
    return cause


def of_sqlite(code):
    cause = sqlite3.OperationalError("of the driver")
    cause.sqlite_errorcode = code
    return cause


@contextmanager
def failing(cause, *, reads):
    """Every statement fails, or every one that writes what people send."""

    def fail(execute, sql, *args):
        writes = sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))
        if reads or (writes and ("weeklyentry" in sql or "kpigroup" in sql)):
            raise OperationalError("of Django") from cause
        return execute(sql, *args)

    with connection.execute_wrapper(fail):
        yield


GONE = {
    "cut off": of_postgresql(None),
    "shut down": of_postgresql("57P01"),
    "starting": of_postgresql("57P03"),
    "full of connections": of_postgresql("53300"),
    "given up by its own limit": of_postgresql("57014"),
    "unreadable file": of_sqlite(sqlite3.SQLITE_IOERR),
    "no file": of_sqlite(sqlite3.SQLITE_CANTOPEN),
}
NOT_WRITABLE = {
    "PostgreSQL's disk is full": of_postgresql("53100"),
    "SQLite's disk is full": of_sqlite(sqlite3.SQLITE_FULL),
    "read-only file": of_sqlite(sqlite3.SQLITE_READONLY),
    "lock waited for in vain": of_postgresql("55P03"),
    "deadlock twice": of_postgresql("40P01"),
    "locked file": of_sqlite(sqlite3.SQLITE_BUSY),
}


def check(response, kind):
    """The answer is 503 in words and says when to come back."""
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 2
    if kind == "API":
        assert response.headers["Content-Type"] == "application/problem+json"
        body = response.json()
        assert (body["status"], body["detail"]) in {(503, fault.sentence) for fault in Fault}
        return
    text = response.content.decode()
    assert any(fault.sentence in text for fault in Fault)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("kind", READS)
@pytest.mark.parametrize("fault", GONE)
def test_a_database_that_is_gone_is_503_for_who_reads(cast, token, kind, fault):
    read = reader(kind, cast, token)
    with failing(GONE[fault], reads=True):
        check(read(), kind)


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("fault", [*NOT_WRITABLE, "cut off"])
def test_what_cannot_be_saved_is_503_and_changes_nothing(cast, token, kind, fault):
    with failing(NOT_WRITABLE.get(fault, GONE["cut off"]), reads=False):
        response = write(kind, cast, token)
    check(response, kind)
    assert not WeeklyEntry.objects.exists()
    assert not KPIGroup.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", READS)
@pytest.mark.parametrize("fault", NOT_WRITABLE)
def test_what_cannot_be_saved_can_be_read(cast, token, kind, fault):
    def fail(execute, sql, *args):
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            raise OperationalError("of Django") from NOT_WRITABLE[fault]
        return execute(sql, *args)

    read = reader(kind, cast, token)
    with connection.execute_wrapper(fail):
        assert read().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_wall_is_shown_though_that_it_looked_cannot_be_noted(cast):
    screen, text = make_screen(cast.practice)

    def fail(execute, sql, *args):
        if sql.startswith("UPDATE"):
            raise OperationalError("of Django") from of_sqlite(sqlite3.SQLITE_FULL)
        return execute(sql, *args)

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(fail):
        assert client.get(reverse("tv", args=[text])).status_code == 200
    screen.refresh_from_db()
    assert screen.last_used is None


def test_a_second_try_after_a_deadlock_saves_and_says_so_once(cast):
    ended = []

    def end_once(execute, sql, *args):
        if not ended and "practiceversion" in sql and "INSERT" in sql:
            ended.append(sql)
            raise OperationalError("deadlock detected") from of_postgresql("40P01")
        return execute(sql, *args)

    client = signed_in(cast.admin)
    with connection.execute_wrapper(end_once):
        response = client.post(ADMIN, {"name": "Money", "order": 1}, follow=True)
    assert ended
    assert KPIGroup.objects.count() == 1
    assert response.content.decode().count("was added successfully") == 1


def test_the_page_holds_what_was_typed_and_sends_it_again(as_owner):
    with failing(of_sqlite(sqlite3.SQLITE_FULL), reads=False):
        text = as_owner.post(NUMBER, TYPED).content.decode()
    assert '<form method="post">' in text
    assert '<input type="hidden" name="value" value="27">' in text
    assert "&quot;quoted&quot; &amp; &lt;b&gt;bold&lt;/b&gt;\nsecond line" in text
    assert "Passwords and files are not" not in text


def test_the_token_of_the_form_comes_back_as_it_was_sent(cast):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(cast.owner.user)
    sent = client.get(PAGE).context["csrf_token"]
    with failing(of_sqlite(sqlite3.SQLITE_FULL), reads=False):
        text = client.post(NUMBER, {**TYPED, "csrfmiddlewaretoken": str(sent)}).content.decode()
    assert f'name="csrfmiddlewaretoken" value="{sent}"' in text
    assert client.post(NUMBER, {**TYPED, "csrfmiddlewaretoken": str(sent)}).status_code == 302


def test_passwords_and_codes_are_not_on_the_page(cast):
    client = Client(raise_request_exception=False)
    typed = {"login": "maya@lumina.example", "password": "correct-horse", "code": "123456"}
    with failing(GONE["cut off"], reads=True):
        response = client.post(reverse("account_login"), typed)
    text = response.content.decode()
    assert response.status_code == 503
    assert 'value="maya@lumina.example"' in text
    assert "correct-horse" not in text
    assert "123456" not in text
    assert "Passwords and files are not" in text


def test_files_are_not_on_the_page(rf):
    file = SimpleUploadedFile("numbers.csv", b"week,leads")
    request = rf.post("/", {"next": "/", "file": file})
    text = unavailable.answer(request, OSError(errno.ENOSPC, "No room")).content.decode()
    assert 'name="next"' in text
    assert "week,leads" not in text
    assert "Passwords and files are not" in text


def test_a_form_that_cannot_be_read_is_not_shown(rf):
    request = rf.post("/", b"not multipart", content_type="multipart/form-data; boundary=x")
    request._stream = None
    request._mark_post_parse_error()
    response = unavailable.answer(request, OSError(errno.ENOSPC, "No room"))
    assert response.status_code == 503
    assert "<form" not in response.content.decode()


def test_it_needs_no_database_itself(as_owner, monkeypatch):
    def refuse(wrapper):
        raise OperationalError("could not connect") from of_postgresql(None)

    with connection.execute_wrapper(lambda *_: refuse(None)):
        monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
        response = as_owner.get(PAGE)
    check(response, "page")


def test_a_mistake_of_ours_remains_500(as_owner, monkeypatch):
    def broken(**_):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(entries, "record", broken)
    response = as_owner.post(NUMBER, TYPED)
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()
    assert "a secret of ours" not in response.content.decode()


def test_one_line_in_the_log_and_no_traceback(as_owner, caplog):
    with failing(GONE["cut off"], reads=True):
        as_owner.get(PAGE)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"The database does not answer: GET {PAGE}: of Django"
    ]
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_supervisor_is_answered_in_plain_text(as_owner, path):
    with failing(GONE["cut off"], reads=True):
        response = as_owner.get(path)
    assert response.headers["Content-Type"] == "text/plain"
    assert response.status_code == (200 if path == "/healthz" else 503)


# SQLite, for real


@contextmanager
def full():
    """A database file that cannot grow: SQLite says of it what it says of a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute("PRAGMA freelist_count")
        (free,) = cursor.fetchone()
        cursor.execute("PRAGMA max_page_count")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield free
        finally:
            cursor.execute(f"PRAGMA max_page_count = {usual}")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a full disk of SQLite")
def test_on_a_full_file_pages_are_read_and_nothing_is_half_saved(cast, token, as_owner):
    readers = [reader(kind, cast, token) for kind in READS]
    weeks = [str(WEEK.plus(-back)) for back in range(1, 100)]
    lines = [{"kpi": "appointments", "week": week, "value": 9, "note": "n" * 200} for week in weeks]
    headers = {"Authorization": f"Bearer {token}"}
    with full() as free:
        assert free == 0
        response = as_owner.post(
            f"{API}entries/batch/",
            json.dumps({"entries": lines}),
            "application/json",
            headers=headers,
        )
        assert response.json()["type"] == "/problems/cannot-save"
        check(response, "API")
        assert not WeeklyEntry.objects.exists()
        assert [read().status_code for read in readers] == [200, 200, 200]
