"""api/problems.py and routes.py: every refusal is a problem in plain words."""

import pytest

from funnel.actions import entries
from funnel.actions.faults import Fault
from funnel.actions.refusals import Busy
from funnel.api import problems, routes
from tests.api.asking import API, errors, problem, program_of
from tests.factories import WEEK

pytestmark = pytest.mark.django_db

ENTRY = f"entries/appointments/{WEEK}/"


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"value": 1', '{"value": NaN}', '{"value": Infinity}', b"\xff\xfe", "[" * 99999],
)
def test_what_is_not_json_is_400(cast, body):
    response = program_of(cast.owner).ask("PUT", ENTRY, body)
    if body == "":
        assert errors(response) == {"": "This is missing."}
    else:
        assert problem(response) == (400, "bad-request", problems.UNREADABLE)


def test_a_body_too_large_is_413(cast):
    body = '{"value": 1, "note": "' + "x" * 2_700_000 + '"}'
    response = program_of(cast.owner).ask("PUT", ENTRY, body)
    assert problem(response) == (413, "too-large", problems.TOO_LARGE)


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({}, "value", "This is missing."),
        ({"value": 1, "vale": 2}, "vale", "There is no such field."),
        ({"value": 1, "note": 5}, "note", "This has to be text."),
        ({"value": 1, "note": "\ud800"}, "note", "Write it again without special characters."),
        ({"value": 1, "note": "\0"}, "note", "Write it again without special characters."),
        ({"value": 1, "version": "1"}, "version", "This has to be a whole number."),
        ({"value": 1, "confirmed": "yes"}, "confirmed", "This has to be true or false."),
        ([], "", "This has to be an object."),
        ("null", "", "This has to be an object."),
        ({"\ud800": 1, "value": 2}, "", "Write it again without special characters."),
    ],
)
def test_what_has_another_shape_says_which_field(cast, body, field, sentence):
    response = program_of(cast.owner).ask("PUT", ENTRY, body)
    assert errors(response) == {field: sentence}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (f"{API}/", routes.NO_ADDRESS),
        (f"{API}/nothing/", routes.NO_ADDRESS),
        (f"{API}/practices", routes.NO_SLASH),
        (f"{API}/practices/lu mina/", routes.NO_ADDRESS),
        (f"{API}/practices/%00/", routes.NO_ADDRESS),
        (f"{API}/practices/lumina/board/2026-W54/", routes.NO_ADDRESS),
        (f"{API}/practices/lumina/board/2025-W53/", routes.NO_ADDRESS),
        (f"{API}/practices/lumina/board/٢٠٢٦-W47/", routes.NO_ADDRESS),
        (f"{API}/practices/lumina/follow-ups/0/", routes.NO_ADDRESS),
        (f"{API}/practices/lumina/follow-ups/9223372036854775808/", routes.NO_ADDRESS),
    ],
)
def test_an_address_that_is_none_is_404_for_everyone(cast, client, path, sentence):
    assert problem(client.get(path)) == (404, "not-found", sentence)
    assert problem(program_of(cast.owner).get(path)) == (404, "not-found", sentence)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/practices/", "GET, HEAD"),
        ("/practices/lumina/follow-ups/", "GET, HEAD, POST"),
        (f"/practices/lumina/{ENTRY}", "PUT"),
    ],
)
def test_another_method_is_405_and_told_which_are_taken(cast, path, allowed):
    response = program_of(cast.owner).ask("DELETE", f"{API}{path}")
    assert problem(response)[:2] == (405, "wrong-method")
    assert response.headers["Allow"] == allowed


def test_head_answers_as_get_does_without_the_body(cast):
    program = program_of(cast.owner)
    path = f"board/{WEEK}/"
    whole, head = program.get(path), program.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert program.ask("HEAD", ENTRY).status_code == 405


def test_a_week_that_stays_locked_is_503_and_told_when_to_try_again(cast, monkeypatch):
    def busy(**_):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(entries, "record", busy)
    response = program_of(cast.owner).ask("PUT", ENTRY, {"value": 30})
    assert problem(response) == (503, "busy", Fault.BUSY.sentence)
    assert response.headers["Retry-After"] == "2"


def test_what_goes_wrong_on_our_side_is_500_logged_and_tells_nothing(cast, monkeypatch, caplog):
    def broken(**_):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(entries, "record", broken)
    program = program_of(cast.owner)
    response = program.ask("PUT", ENTRY, {"value": 30})
    assert problem(response) == (500, "error", problems.FAILED)
    assert "a secret of ours" not in response.content.decode()
    assert "a secret of ours" in caplog.text
    assert program.text not in caplog.text


def test_every_problem_has_a_title_and_its_status():
    for name, (status, title) in problems.TITLES.items():
        told = problems.Problem(name, "So.")
        assert told.response().status_code == told.body["status"] == status
        assert told.body["title"] == title
        assert told.body["type"] == f"/problems/{name}"
