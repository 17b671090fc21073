"""api/auth.py: who is let in, as whom, and how often."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from funnel.actions import tokens
from funnel.api import auth
from funnel.models import ApiToken, WeeklyEntry
from tests.api.asking import API, Program, problem, program_of
from tests.factories import WEEK, make_token, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
ENTRY = f"entries/appointments/{WEEK}/"
PRACTICES = f"{API}/practices/"


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


def stored():
    return list(WeeklyEntry.objects.values_list("kpi__slug", "value", "entered_by__email"))


# With a token


def test_a_token_reads_and_writes_as_its_person(cast):
    program = program_of(cast.owner)
    assert program.get("kpis/").status_code == 200
    assert program.ask("PUT", ENTRY, {"value": 30}).status_code == 201
    assert stored() == [("appointments", 30, cast.owner.user.email)]


def test_a_token_that_only_reads_writes_nothing(cast):
    program = program_of(cast.owner, may_write=False)
    assert program.get("kpis/").status_code == 200
    for method, path in (("PUT", ENTRY), ("POST", "follow-ups/"), ("POST", "entries/batch/")):
        assert problem(program.ask(method, path, {"value": 30})) == (
            403,
            "read-only",
            auth.READ_ONLY,
        )
    assert stored() == []


def test_a_token_is_for_its_practice_alone_whatever_its_person_may(cast, client):
    program = program_of(cast.manager)
    for slug in ("harbor", "nowhere"):
        assert problem(program.get(f"{PRACTICES}{slug}/")) == (404, "not-found", auth.NO_SEAT)
    (one,) = program.get(PRACTICES).json()["practices"]
    assert one["slug"] == "lumina"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer wrong", "Bearer kpi_" + "x" * 32, "Basic abc", "x" * 9000, "\0"],
)
def test_anything_else_is_401_and_told_apart_by_nobody(cast, header):
    response = Client().get(PRACTICES, headers={"Authorization": header})
    assert problem(response) == (401, "no-token", auth.WRONG_TOKEN)
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_wrong_token_is_refused_even_beside_a_session(cast, client):
    client.force_login(cast.owner.user)
    response = client.get(PRACTICES, headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401


def test_revoked_expired_and_left_answer_as_if_they_had_never_been(cast):
    token, text = make_token(cast.owner)
    tokens.revoke(by=seat_for(cast.owner), token=token)
    answers = [Program(text, "lumina").get(PRACTICES).content]
    late = program_of(cast.owner)
    with time_machine.travel(NOW + timedelta(days=40), tick=False):
        answers.append(late.get(PRACTICES).content)
    answers.append(Program("never", "lumina").get(PRACTICES).content)
    assert len(set(answers)) == 1


def test_the_right_word_in_other_letters_and_blanks_is_taken(cast):
    _, text = make_token(cast.owner)
    for header in (f"bearer {text}", f"BEARER  {text} "):
        assert Client().get(PRACTICES, headers={"Authorization": header}).status_code == 200


def test_after_twenty_wrong_ones_an_address_waits_but_a_right_one_is_served(cast):
    wrong, right = Program("wrong", "lumina"), program_of(cast.owner)
    statuses = [wrong.get(PRACTICES).status_code for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    refused = wrong.get(PRACTICES)
    assert problem(refused)[:2] == (429, "too-many")
    assert refused.headers["Retry-After"] == "60"
    assert right.get(PRACTICES).status_code == 200


# How often


def test_tells_what_is_left_and_refuses_what_is_too_much(cast, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 3)
    program = program_of(cast.owner)
    answers = [program.get(PRACTICES) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == [*"21000"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert {answer.headers["RateLimit-Reset"] for answer in answers} == {"60"}
    assert answers[-1].headers["Retry-After"] == "60"
    assert problem(answers[-1])[1] == "too-many"
    assert program_of(cast.owner).get(PRACTICES).status_code == 200


def test_what_is_too_much_writes_nothing(cast, monkeypatch):
    monkeypatch.setattr(tokens, "MOST", 0)
    assert program_of(cast.owner).ask("PUT", ENTRY, {"value": 30}).status_code == 429
    assert stored() == []


def test_someone_signed_in_is_counted_too(cast, client, monkeypatch):
    monkeypatch.setattr(auth, "SIGNED_IN", auth.limits.Limit("few", most=2, seconds=60))
    client.force_login(cast.owner.user)
    assert [client.get(PRACTICES).status_code for _ in range(3)] == [200, 200, 429]


# Without a token


def test_nobody_is_asked_for_a_token_and_not_to_sign_in(client, cast):
    for path in (PRACTICES, f"{PRACTICES}lumina/", f"{PRACTICES}nowhere/"):
        response = client.get(path)
        assert problem(response) == (
            401,
            "no-token",
            "Send a token as “Authorization: Bearer kpi_…”, or sign in.",
        )
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_someone_signed_in_reaches_every_practice_of_theirs(client, cast):
    client.force_login(cast.owner.user)
    assert client.get(f"{PRACTICES}lumina/").status_code == 200
    assert client.get(f"{PRACTICES}harbor/").status_code == 404
    client.force_login(cast.superuser)
    slugs = [one["slug"] for one in client.get(PRACTICES).json()["practices"]]
    assert slugs == ["harbor", "lumina"]


def test_someone_signed_in_writes_with_the_pages_own_token_only(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    url = f"{API}/practices/lumina/{ENTRY}"
    asked = {"path": url, "data": {"value": 30}, "content_type": "application/json"}
    assert problem(client.put(**asked)) == (403, "no-csrf", auth.NO_CSRF)
    assert stored() == []
    client.get("/practices/lumina/enter/")
    token = client.cookies["csrftoken"].value
    assert client.put(**asked, headers={"X-CSRFToken": token}).status_code == 201
    assert stored() == [("appointments", 30, cast.owner.user.email)]


def test_a_token_needs_none_of_a_page(cast):
    client = Client(enforce_csrf_checks=True)
    _, text = make_token(cast.owner)
    url = f"{API}/practices/lumina/{ENTRY}"
    headers = {"Authorization": f"Bearer {text}"}
    response = client.put(url, {"value": 30}, content_type="application/json", headers=headers)
    assert response.status_code == 201


def test_no_answer_to_a_session_is_kept_and_one_to_a_token_is_asked_for_again(cast, client):
    client.force_login(cast.owner.user)
    assert client.get(PRACTICES).headers["Cache-Control"] == "private, no-store"
    assert program_of(cast.owner).get(PRACTICES).headers["Cache-Control"] == "private, no-cache"


def test_the_use_of_a_token_is_noted(cast):
    program_of(cast.owner).get(PRACTICES)
    assert ApiToken.objects.get().last_used == NOW
