"""A token of one practice, at every operation of the document, for the practice next door."""

import pytest

from funnel.models import FollowUp, ShortWeek, WeeklyEntry
from tests.api.asking import API, problem, program_of
from tests.factories import WEEK, make_entry, make_follow_up, make_kpi, make_staff

pytestmark = pytest.mark.django_db

SECRETS = ("Hazel", "h-secret", "hazel@")
# What would be taken at home, by operation.
BODIES = {
    "put_entry": {"value": 30, "reason": "Set up"},
    "post_entries": {
        "entries": [{"kpi": "leads", "week": str(WEEK), "value": 30, "reason": "Set up"}]
    },
    "put_short_week": {"days_open": 3, "reason": "Thanksgiving"},
    "post_follow_up": {"text": "Call back", "due_on": "2026-12-01"},
    "patch_follow_up": {"state": "done"},
}


@pytest.fixture
def harbor(cast):
    """Next door everything is named so that it can be recognised."""
    practice = cast.stranger.practice
    hazel = make_staff(practice, "Hazel", "Marketing")
    kpi = make_kpi(practice, "h-secret", "Marketing")
    make_entry(kpi, 5, note="h-secret")
    make_follow_up(hazel, "h-secret promise", kpi=kpi)
    return practice


def asked(client, cast, slug):
    """(operation, method, path, body) of each that names a practice, with what is there."""
    document = client.get(f"{API}/openapi.json").json()
    given = {"slug": slug, "kpi": "leads", "week": WEEK}
    number = FollowUp.objects.filter(practice__slug=slug).values_list("pk", flat=True).first()
    for path, methods in document["paths"].items():
        if "{slug}" not in path:
            continue
        for method, operation in methods.items():
            name = operation["operationId"]
            body = BODIES.get(name)
            if name == "post_follow_up":
                body = {**body, "owner": cast.owner.pk}
            assert (body is not None) == (method not in {"get", "delete"})
            yield name, method.upper(), path.format(**given, number=number or 1), body


def rows():
    return [list(model.objects.values()) for model in (WeeklyEntry, FollowUp, ShortWeek)]


def test_every_operation_answers_404_as_for_a_practice_that_is_none(client, cast, harbor):
    program = program_of(cast.admin)
    before = rows()
    count = 0
    for slug in ("harbor", "nowhere"):
        for name, method, path, body in asked(client, cast, slug):
            for sent in {str(b): b for b in (body, {}, None)}.values():
                response = program.ask(method, path, sent)
                told = problem(response)
                assert told[:2] == (404, "not-found"), (name, told)
                assert told[2] == "There is no such practice, or you have no access to it."
                count += 1
    assert count > 40
    assert rows() == before


def test_at_home_every_one_of_them_answers(client, cast, harbor):
    """Else the sweep would prove nothing."""
    make_follow_up(cast.owner)
    program = program_of(cast.admin)
    statuses = {
        name: program.ask(method, path, body).status_code
        for name, method, path, body in asked(client, cast, "lumina")
    }
    assert statuses == {
        "get_practice": 200,
        "list_kpis": 200,
        "get_board": 200,
        "get_history": 200,
        "list_entries": 200,
        "put_entry": 201,
        "post_entries": 200,
        "list_short_weeks": 200,
        "put_short_week": 201,
        "delete_short_week": 204,
        "list_follow_ups": 200,
        "post_follow_up": 201,
        "patch_follow_up": 200,
    }


def test_nothing_of_the_practice_next_door_stands_in_any_answer(client, cast, harbor):
    program = program_of(cast.admin)
    theirs = FollowUp.objects.get(practice=harbor).pk
    urls = [path for _, method, path, _ in asked(client, cast, "lumina") if method == "GET"]
    home = f"{API}/practices/lumina"
    urls += [f"{API}/practices/", f"{home}/kpis/h-secret/history/", f"{home}/entries/?kpi=h-secret"]
    answers = [program.get(url).content.decode() for url in urls]
    answers.append(program.ask("PUT", f"entries/h-secret/{WEEK}/", {"value": 1}).content.decode())
    answers.append(
        program.ask("PATCH", f"follow-ups/{theirs}/", {"state": "done"}).content.decode()
    )
    found = [secret for secret in SECRETS for text in answers if secret in text]
    # The names in an address are the asker's own.
    assert found == []
