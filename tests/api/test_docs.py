"""docs/api.md: every curl line works, and there is one for every operation."""

import re
import shlex

import pytest
from django.conf import settings
from django.test import Client

from funnel.api.problems import TITLES
from tests.api.asking import API
from tests.factories import make_entry, make_follow_up, make_numbers, make_token

pytestmark = pytest.mark.django_db

TEXT = (settings.BASE_DIR / "docs/api.md").read_text()
SITE = "http://testserver"


def curls():
    """Each curl of the document, its continued lines joined; a block may hold several."""
    blocks = re.findall(r"(?:^ {4}.*\n)+", TEXT, flags=re.M)
    lines = [line for block in blocks for line in re.split(r"\n(?= {4}curl )", block)]
    joined = [" ".join(line.replace("\\\n", " ").split("\n")).strip() for line in lines]
    return [line for line in joined if line.startswith("curl ")]


def request(line, token):
    """(method, URL, headers, body) as curl would send them."""
    line = line.replace("$TOKEN", token).replace("$KPI", SITE)
    _, *arguments = shlex.split(line)
    asked = {"method": "GET", "url": "", "headers": {}, "body": None}
    while arguments:
        argument = arguments.pop(0)
        if argument == "-X":
            asked["method"] = arguments.pop(0)
        elif argument == "-H":
            name, _, value = arguments.pop(0).partition(": ")
            asked["headers"][name] = value
        elif argument == "-d":
            asked["body"] = arguments.pop(0)
        else:
            assert argument.startswith(SITE)
            assert not asked["url"]
            asked["url"] = argument.removeprefix(SITE)
    return asked


def run(line, token):
    asked = request(line, token)
    kind = asked["headers"].pop("Content-Type", "")
    return Client(headers=asked["headers"]).generic(
        asked["method"], asked["url"], asked["body"] or "", content_type=kind
    )


@pytest.fixture
def lumina(cast):
    make_numbers(cast.appointments, [30] * 12)
    make_entry(cast.leads, 80, note="Before").delete()
    return cast


def test_every_line_works_and_every_operation_has_one(lumina, client):
    """The document has example ids; the test replaces them."""
    follow_up = make_follow_up(lumina.owner)
    token = make_token(lumina.manager)[1]
    make_numbers(lumina.patients, [15])
    document = client.get(f"{API}/openapi.json").json()
    patterns = {
        (method.upper(), re.sub(r"\{\w+\}", "[^/]+", path)): operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    shown = []
    for line in curls():
        told = line.replace("follow-ups/7/", f"follow-ups/{follow_up.pk}/")
        told = told.replace('"owner": 3', f'"owner": {lumina.owner.pk}')
        if "entries/appointments/2026-W47" in told:
            lumina.appointments.entries.filter(week="2026-11-16").delete()
        response = run(told, token)
        asked = request(told, token)
        done = {204} if asked["method"] == "DELETE" else {200, 201}
        assert response.status_code in done, (line, response.content)
        path = asked["url"].partition("?")[0]
        shown += [
            name
            for (method, pattern), name in patterns.items()
            if method == asked["method"] and re.fullmatch(pattern, path)
        ]
    assert sorted(shown) == sorted(patterns.values())


def test_every_problem_is_in_the_table_with_its_status():
    told = re.findall(r"^\| (\d{3}) \| `/problems/([a-z-]+)` \| .+\. \|$", TEXT, flags=re.M)
    assert sorted(told) == sorted((str(status), name) for name, (status, _) in TITLES.items())


def test_a_line_that_no_longer_works_would_be_found(lumina):
    token = make_token(lumina.manager)[1]
    line = next(line for line in curls() if "/kpis/ " in f"{line} ")
    assert run(line, token).status_code == 200
    assert run(line, "wrong").status_code == 401
    assert run(line.replace("/kpis/", "/kpi/"), token).status_code == 404
