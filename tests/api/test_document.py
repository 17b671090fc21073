"""api/document.py: the OpenAPI document and the API agree."""

import json
import re

import jsonschema_rs
import pytest
from django.conf import settings

from funnel.api.problems import TITLES
from tests.api.asking import API, program_of
from tests.factories import (
    WEEK,
    make_entry,
    make_follow_up,
    make_kpi,
    make_numbers,
    make_ownership,
    make_short_week,
    make_staff,
    make_target,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(client):
    """As anyone gets it."""
    response = client.get(f"{API}/openapi.json")
    assert response.status_code == 200
    return response.json()


def operations(document):
    """(method, path, operation) of each."""
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def validator(document, operation, status):
    """Of the body that is declared for that status."""
    (content,) = operation["responses"][str(status)]["content"].values()
    schema = {**content["schema"], "components": document["components"]}
    return jsonschema_rs.validator_for(schema)


def test_every_operation_of_the_issue_is_there(document):
    assert {(method, path.removeprefix(API)) for method, path, _ in operations(document)} == {
        ("GET", "/practices/"),
        ("GET", "/practices/{slug}/"),
        ("GET", "/practices/{slug}/kpis/"),
        ("GET", "/practices/{slug}/board/{week}/"),
        ("GET", "/practices/{slug}/kpis/{kpi}/history/"),
        ("GET", "/practices/{slug}/entries/"),
        ("PUT", "/practices/{slug}/entries/{kpi}/{week}/"),
        ("POST", "/practices/{slug}/entries/batch/"),
        ("GET", "/practices/{slug}/short-weeks/"),
        ("PUT", "/practices/{slug}/short-weeks/{week}/"),
        ("DELETE", "/practices/{slug}/short-weeks/{week}/"),
        ("GET", "/practices/{slug}/follow-ups/"),
        ("POST", "/practices/{slug}/follow-ups/"),
        ("PATCH", "/practices/{slug}/follow-ups/{number}/"),
    }


def test_each_says_what_it_does_in_plain_words_and_has_an_example(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for _, _, operation in operations(document):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
        assert len(operation["summary"]) > 10
        assert operation["description"].strip()
        assert operation["security"] == [{"token": []}, {"session": []}]
        for parameter in operation["parameters"]:
            assert parameter["description"], (operation["operationId"], parameter["name"])
        if "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            assert "examples" in resolved(document, content["schema"])


def resolved(document, schema):
    name = schema["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]


def test_every_refusal_is_declared_as_a_problem(document):
    for method, _, operation in operations(document):
        statuses = {int(status) for status in operation["responses"]}
        assert statuses >= {401, 403, 404, 422, 429, 500}
        if method != "GET":
            assert statuses >= {400, 413, 423, 503}
        for status, response in operation["responses"].items():
            assert response["description"] != "Unknown Status Code"
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]
        assert "Retry-After" in operation["responses"]["429"]["headers"]
    known = [path for _, path, one in operations(document) if "304" in one["responses"]]
    assert len(known) == 2
    assert all("/board/" in path or path.endswith("/history/") for path in known)
    declared = {int(s) for _, _, one in operations(document) for s in one["responses"]}
    # 405 is of an address, not of an operation.
    assert {status for status, _ in TITLES.values()} - declared == {405}


def test_it_names_no_practice_and_no_other_host(document):
    text = json.dumps(document)
    assert "http://" not in text
    assert "https://" not in text
    assert document["servers"] == []


@pytest.fixture
def lumina(cast):
    """With something in everything that is answered."""
    for kpi, usual in ((cast.leads, 100), (cast.appointments, 40)):
        make_numbers(kpi, [usual + n % 5 for n in range(25)], WEEK.previous)
        make_target(kpi, usual)
        make_entry(kpi, usual - 10)
    make_kpi(cast.practice, "Spend", unit="money")
    make_kpi(
        cast.practice,
        "Cost",
        unit="money",
        calculation="ratio",
        source=cast.leads,
        divisor=cast.appointments,
    )
    make_follow_up(cast.owner, kpi=cast.leads)
    make_short_week(cast.practice, WEEK.previous)
    make_ownership(
        cast.practice.kpis.get(slug="spend"), make_staff(cast.practice, "Mo", "Management")
    )
    return cast


def test_what_is_answered_is_what_is_declared(document, lumina):
    program = program_of(lumina.manager)
    seen = 0
    for method, path, operation in operations(document):
        if method != "GET":
            continue
        for week, kpi in ((WEEK, "leads"), (WEEK.next, "cost"), (WEEK.plus(-60), "spend")):
            url = path.format(slug="lumina", week=week, kpi=kpi)
            response = program.get(url)
            assert response.status_code == 200, url
            validator(document, operation, 200).validate(response.json())
            seen += 1
    assert seen == 24


def test_a_field_that_is_not_declared_would_be_found(document, lumina):
    (operation,) = (one for *_, one in operations(document) if one["operationId"] == "get_board")
    board = program_of(lumina.manager).get(f"board/{WEEK}/").json()
    board["stages"][0]["surprise"] = 1
    with pytest.raises(jsonschema_rs.ValidationError):
        validator(document, operation, 200).validate(board)


def test_only_reading_is_for_everyone(client):
    for path in ("openapi.json", "docs"):
        assert client.get(f"{API}/{path}").status_code == 200
        assert client.head(f"{API}/{path}").status_code == 200
        assert client.post(f"{API}/{path}").status_code == 405


def test_the_page_of_it_loads_nothing_from_elsewhere(client, cast):
    text = client.get(f"{API}/docs").content.decode()
    assert "https://" not in text
    assert 'data-csrf-token=""' in text
    client.force_login(cast.owner.user)
    signed_in = client.get(f"{API}/docs").content.decode()
    assert re.search(r'data-api-csrf="true" data-csrf-token="\w{64}"', signed_in)
    assert "ninja" in settings.INSTALLED_APPS
