"""kpi_practice/logs.py: the address of a screen stands in no line."""

import io
import logging

import pytest

from funnel.views import tv
from tests.cast import make_cast
from tests.factories import make_screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch):
    """What the shipped handler has written."""
    handler = next(it for it in logging.getLogger().handlers if it.name == "stderr")
    text = io.StringIO()
    monkeypatch.setattr(handler, "stream", text)
    return text


def test_a_wrong_address_is_not_told_for_it_may_be_a_right_one_mistyped(client, log):
    assert client.get("/tv/0123456789abcdef/").status_code == 404
    assert log.getvalue().endswith(" WARNING django.request: Not Found: /tv/…/\n")


def test_neither_is_one_posted_to(client, log):
    assert client.post("/tv/0123456789abcdef/?x=1").status_code == 405
    assert log.getvalue().endswith("Method Not Allowed (POST): /tv/…/\n")


def test_neither_is_a_right_one_when_the_page_fails(client, log, monkeypatch):
    _, token = make_screen(make_cast().practice)
    monkeypatch.setattr(tv, "build_board", lambda *_, **__: 1 / 0)
    client.raise_request_exception = False
    assert client.get(f"/tv/{token}/").status_code == 500
    assert "Internal Server Error: /tv/…/\nTraceback" in log.getvalue()
    assert token not in log.getvalue()


def test_other_addresses_are_told(client, log):
    assert client.get("/tv-guide/").status_code == 404
    assert log.getvalue().endswith("Not Found: /tv-guide/\n")
