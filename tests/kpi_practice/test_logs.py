"""kpi_practice/logs.py: no line contains a secret URL."""

import io
import logging

import pytest
from django.test import Client

from funnel.views import calendar, one_number, tv
from tests.cast import make_cast
from tests.factories import link_for, make_calendar, make_screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch):
    """What the shipped handler has written."""
    handler = next(it for it in logging.getLogger().handlers if it.name == "stderr")
    text = io.StringIO()
    monkeypatch.setattr(handler, "stream", text)
    return text


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/tv/0123456789abcdef/", "/tv/…/"),
        ("/e/WzEsIjIwMjYtVzQ3Il0.aB-_9/", "/e/…/"),
        ("/calendar/0123456789abcdef.ics", "/calendar/…"),
    ],
)
def test_a_wrong_address_is_not_told_for_it_may_be_a_right_one_mistyped(client, log, path, told):
    assert client.get(path).status_code == 404
    assert log.getvalue().endswith(f" WARNING django.request: Not Found: {told}\n")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/tv/0123456789abcdef/?x=1", "/tv/…/"),
        ("/e/WzEsIjIwMjYtVzQ3Il0.aB-_9/?x=1", "/e/…/"),
        ("/calendar/0123456789abcdef.ics?x=1", "/calendar/…"),
    ],
)
def test_neither_is_one_sent_to_as_it_takes_nothing(client, log, path, told):
    assert client.delete(path).status_code == 405
    assert log.getvalue().endswith(f"Method Not Allowed (DELETE): {told}\n")


def test_neither_is_a_right_one_when_the_page_fails(client, log, monkeypatch):
    _, token = make_screen(make_cast().practice)
    monkeypatch.setattr(tv, "build_board", lambda *_, **__: 1 / 0)
    client.raise_request_exception = False
    assert client.get(f"/tv/{token}/").status_code == 500
    assert "Internal Server Error: /tv/…/\nTraceback" in log.getvalue()
    assert token not in log.getvalue()


def test_neither_is_a_right_link_or_calendar_when_the_page_fails(client, log, monkeypatch):
    cast = make_cast()
    link, token = link_for(cast.owner, cast.appointments), make_calendar(cast.owner)
    monkeypatch.setattr(one_number, "take_link", lambda *_: 1 / 0)
    monkeypatch.setattr(calendar, "build_dates", lambda *_, **__: 1 / 0)
    client.raise_request_exception = False
    for path, secret in ((link, link.split("/")[2]), (f"/calendar/{token}.ics", token)):
        assert client.get(path).status_code == 500
        assert secret not in log.getvalue()
    assert "Internal Server Error: /e/…/\nTraceback" in log.getvalue()
    assert "Internal Server Error: /calendar/…\nTraceback" in log.getvalue()


def test_what_an_exception_says_is_masked_too(client, log, monkeypatch):
    _, token = make_screen(make_cast().practice)

    def fail(*_, **__):
        raise ValueError(f"Not a board: {token}")

    monkeypatch.setattr(tv, "build_board", fail)
    client.raise_request_exception = False
    assert client.get(f"/tv/{token}/").status_code == 500
    assert log.getvalue().endswith("ValueError: Not a board: …\n")


def test_no_handler_but_ours_gets_a_line():
    for name in ("django", "django.request", "django.security", "django.server", "funnel"):
        assert logging.getLogger(name).handlers == []
        assert logging.getLogger(name).propagate


def test_one_that_is_refused_as_forged_is_not_told_either(log):
    cast = make_cast()
    link = link_for(cast.owner, cast.appointments)
    assert Client(enforce_csrf_checks=True).post(link, {"value": "27"}).status_code == 403
    assert "/e/…/" in log.getvalue()
    assert link.split("/")[2] not in log.getvalue()


def test_a_token_of_the_api_in_an_address_where_none_belongs_is_not_told(client, log):
    secret = "Zz9-_" * 6 + "ab"
    assert client.get(f"/api/v1/practices/kpi_{secret}/").status_code == 401
    assert log.getvalue().endswith("Unauthorized: /api/v1/practices/kpi_…/\n")
    assert client.get("/api/v1/practices/kpi_practice/").status_code == 401
    assert log.getvalue().endswith("Unauthorized: /api/v1/practices/kpi_practice/\n")


def test_other_addresses_are_told(client, log):
    assert client.get("/tv-guide/").status_code == 404
    assert log.getvalue().endswith("Not Found: /tv-guide/\n")
