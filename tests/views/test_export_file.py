import csv
import io
import json
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests.cast import make_cast
from tests.factories import make_entry, make_follow_up, make_kpi, make_numbers

pytestmark = pytest.mark.django_db

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
EXPORTS = ("entries", "entries-wide", "scorecard", "history", "follow-ups", "responsibilities")


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def address(what="entries", fmt="csv", slug="lumina"):
    return reverse("export-file", args=[slug, what, fmt])


def take(client, user, what="entries", fmt="csv", **query):
    """The response and the whole file."""
    client.force_login(user)
    response = client.get(address(what, fmt), query)
    assert response.status_code == 200, response.content
    file = b"".join(response.streaming_content)
    return response, file


def rows_of(file, fmt):
    """The rows of that file, the header first, as texts; of JSON the objects' values."""
    if fmt == "csv":
        return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    if fmt == "json":
        found = json.loads(file, parse_float=Decimal)
        return [list(found[0]), *(list(row.values()) for row in found)]
    sheet = load_workbook(io.BytesIO(file), read_only=True).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("what", EXPORTS)
def test_everything_leaves_in_every_format(client, cast, what, fmt):
    make_entry(cast.leads, 100)
    make_follow_up(cast.owner)
    response, file = take(client, cast.viewer.user, what, fmt)
    assert response["Content-Type"] == FORMATS[fmt]
    name = f"lumina-{what}-2026-W48.{fmt}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert len(rows_of(file, fmt)) >= 2


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_numbers_of_a_file_are_those_of_the_practice(client, cast, fmt):
    price = make_kpi(cast.practice, "Price", unit="money")
    make_entry(cast.leads, 1234, note="=cmd|' /C calc'!A0")
    make_entry(price, Decimal("12.50"))
    (long, wide) = (
        rows_of(take(client, cast.viewer.user, what, fmt)[1], fmt)
        for what in ("entries", "entries-wide")
    )
    numbers = {"csv": ["1234", "12.5"]}.get(fmt, [1234, Decimal("12.5")])
    assert [row[2] for row in long[1:]] == numbers
    assert wide[1][2] == numbers[0]
    assert wide[1][5] == numbers[1]
    assert long[1][3] == ("'" if fmt == "csv" else "") + "=cmd|' /C calc'!A0"


def test_weeks_and_kpi_are_those_asked_for_and_stand_in_the_name(client, cast):
    make_numbers(cast.leads, [90, 91, 92, 93])
    make_numbers(cast.patients, [1, 2, 3, 4])
    asked = {"from": "2026-W45", "to": "2026-W46"}
    response, file = take(client, cast.viewer.user, **asked)
    assert [row[2] for row in rows_of(file, "csv")[1:]] == ["91", "2", "92", "3"]
    assert 'filename="lumina-entries-2026-W45-2026-W46.csv"' in response["Content-Disposition"]
    response, file = take(client, cast.viewer.user, "history", kpi="leads", **asked)
    assert [row[3] for row in rows_of(file, "csv")[1:]] == ["91", "92"]
    assert 'filename="lumina-history-leads-2026-W45' in response["Content-Disposition"]


def test_a_file_that_does_not_go_by_kpi_takes_no_notice_of_one(client, cast):
    make_entry(cast.leads, 100)
    response, file = take(client, cast.viewer.user, kpi="x\r\nSet-Cookie: a=b\0")
    assert len(rows_of(file, "csv")) == 2
    assert "Cookie" not in response["Content-Disposition"]


@pytest.mark.parametrize(
    ("what", "fmt", "query"),
    [
        ("nothing", "csv", {}),
        ("entries", "xls", {}),
        ("entries", "exe", {}),
        ("history", "csv", {"kpi": "nothing"}),
        ("history", "xlsx", {"kpi": "lea\0ds"}),
    ],
)
def test_what_is_not_offered_is_404(client, cast, what, fmt, query):
    client.force_login(cast.viewer.user)
    assert client.get(address(what, fmt), query).status_code == 404


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "rubbish"}, "A week is written like 2026-W47."),
        (
            {"from": "2026-W47", "to": "2026-W46"},
            "Choose 2026-W47, the first week, or a later one.",
        ),
        ({"to": "\0"}, "Write it again without special characters."),
    ],
)
def test_weeks_that_make_no_sense_lead_to_the_page_that_says_so(client, cast, fmt, query, sentence):
    client.force_login(cast.viewer.user)
    response = client.get(address("entries", fmt), query)
    assert response.status_code == 400
    assert "Content-Disposition" not in response
    text = response.content.decode()
    assert sentence in text
    assert "Choose these weeks" in text


def test_anonymous_signs_in_first(client, cast):
    assert client.get(address())["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("what", EXPORTS)
def test_a_stranger_gets_404_as_for_a_practice_that_is_not_there(client, cast, what):
    make_entry(cast.leads, 100)
    client.force_login(cast.stranger.user)
    for fmt in FORMATS:
        answers = [client.get(address(what, fmt, slug=slug)) for slug in ("lumina", "nowhere")]
        assert [answer.status_code for answer in answers] == [404, 404]
        here, nowhere = (TOKEN.sub("", answer.content.decode()) for answer in answers)
        assert here == nowhere


def test_is_only_read(client, cast):
    client.force_login(cast.manager.user)
    assert client.post(address()).status_code == 405


def test_the_header_leaves_before_a_number_is_read_and_then_row_by_row(client, cast):
    make_numbers(cast.leads, [100 + n for n in range(150)])
    client.force_login(cast.viewer.user)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address(), headers={"Accept-Encoding": "gzip"})
        assert response["Content-Encoding"] == "gzip"
        assert response.streaming
        stream = iter(response.streaming_content)
        assert next(stream)[:2] == b"\x1f\x8b"
        assert len(captured) == 2  # session; person and seat
        file = b"".join(stream)
    assert file
    assert len(captured) == 4


@pytest.mark.parametrize(("fmt", "statements"), [("csv", 4), ("json", 4), ("xlsx", 4)])
def test_sends_as_many_statements_for_one_number_as_for_many(client, cast, fmt, statements):
    counts = []
    for weeks in (1, 60):
        make_numbers(cast.leads if weeks == 1 else cast.patients, [7] * weeks)
        client.force_login(cast.viewer.user)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address(fmt=fmt))
            rows = rows_of(b"".join(response.streaming_content), fmt)
        counts.append(len(captured))
        assert len(rows) > weeks
    assert counts == [statements] * 2


def test_a_head_request_has_no_body(client, cast):
    make_entry(cast.leads, 1)
    client.force_login(cast.viewer.user)
    response = client.head(address())
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b""
