"""api/entries.py, the batch: many numbers at once, all or none."""

import pytest

from funnel.api.bodies import MOST_LINES
from funnel.models import WeeklyEntry
from tests.api.asking import problem, program_of
from tests.factories import WEEK, close_week, make_entry

pytestmark = pytest.mark.django_db


def line(kpi, value, week=WEEK, **more):
    return {"kpi": kpi, "week": str(week), "value": value, "reason": "Set up", **more}


def post(person, *lines):
    return program_of(person).ask("POST", "entries/batch/", {"entries": lines})


def refused(response):
    """(line, status, field, sentence) of each refusal."""
    assert problem(response)[:2] == (422, "invalid")
    return [
        (one["line"], one["status"], one["field"], one["detail"])
        for one in response.json()["errors"]
    ]


def test_all_are_saved_and_told_in_the_order_they_came(cast):
    make_entry(cast.leads, 90)
    response = post(
        cast.manager,
        line("leads", 91, version=1),
        line("appointments", "40", WEEK.previous),
        line("leads", 80, WEEK.previous, note="By phone"),
    )
    assert response.status_code == 200
    told = response.json()
    assert (told["new"], told["changed_or_same"]) == (2, 1)
    assert [(e["kpi"], e["week"], e["value"], e["version"]) for e in told["entries"]] == [
        ("leads", "2026-W47", 91, 2),
        ("appointments", "2026-W46", 40, 1),
        ("leads", "2026-W46", 80, 1),
    ]
    assert WeeklyEntry.objects.count() == 3


def test_an_owner_sends_their_own_without_a_reason(cast):
    own = {"kpi": "appointments", "week": str(WEEK), "value": 30}
    assert post(cast.owner, own).status_code == 200


def test_nothing_is_saved_when_one_is_refused_and_each_says_why(cast):
    make_entry(cast.patients, 20)
    close_week(cast.manager, WEEK.plus(-2))
    before = list(WeeklyEntry.objects.values())
    response = post(
        cast.manager,
        line("leads", 90),
        line("leads", 90, WEEK.plus(-2)),
        line("patients-acquired", 21),
        line("appointments", 200),
        line("leads", 90, WEEK.plus(3)),
        line("leads", 91),
    )
    assert [(place, status) for place, status, *_ in refused(response)] == [
        (1, 423),
        (2, 409),
        (3, 422),
        (4, 422),
        (5, 422),
    ]
    told = response.json()
    assert told["detail"] == (
        "Nothing was saved. Line 1: This week is closed. A manager can reopen it, with a reason."
    )
    by_line = {one["line"]: one for one in told["errors"]}
    assert by_line[2]["current"]["value"] == 20
    assert by_line[3]["type"] == "/problems/doubtful"
    assert by_line[5]["detail"] == "This number is in the batch twice: send it once."
    assert list(WeeklyEntry.objects.values()) == before


def test_what_cannot_be_read_is_told_by_line_too(cast):
    response = post(
        cast.owner,
        line("appointments", 30),
        line("leads", 90),
        line("nothing", 1),
        line("appointments", 2.5, WEEK.previous),
        line("a\N{SNOWMAN}", 1),
    )
    sentence = "Only its owner, a stand-in or a manager can enter this number."
    assert refused(response) == [
        (1, 403, "", sentence),
        (2, 404, "", "There is no such KPI here."),
        (3, 422, "value", "Enter a whole number, without decimals."),
        (4, 404, "", "There is no such KPI here."),
    ]
    assert not WeeklyEntry.objects.exists()


def test_a_line_of_another_shape_says_where(cast):
    response = post(cast.owner, line("leads", 1), line("leads", "x", note=5), {"kpi": "leads"})
    told = {one["field"]: one["detail"] for one in response.json()["errors"]}
    assert told == {
        "entries.1.note": "This has to be text.",
        "entries.2.value": "This is missing.",
        "entries.2.week": "This is missing.",
    }
    assert response.status_code == 422


def test_a_week_that_is_none_says_so(cast):
    response = post(cast.owner, line("leads", 1, "2026-W54"))
    assert response.json()["errors"] == [
        {"field": "entries.0.week", "detail": "A week is written like 2026-W47."}
    ]


@pytest.mark.parametrize("many", [0, MOST_LINES + 1])
def test_none_and_more_than_a_thousand_are_refused(cast, many):
    response = post(cast.owner, *[line("leads", 1)] * many)
    assert problem(response)[:2] == (422, "invalid")
    told = "Send at least one." if many == 0 else "Send at most 1000 at once."
    assert response.json()["detail"] == f"entries: {told}"


def test_a_thousand_are_taken(cast):
    cast.practice.began_on = WEEK.plus(-500).monday
    cast.practice.save()
    weeks = WEEK.next.back(MOST_LINES // 2)
    lines = [line(kpi, 7, week) for kpi in ("leads", "appointments") for week in weeks]
    assert post(cast.manager, *lines).json()["new"] == MOST_LINES
    again = post(cast.manager, *lines)
    assert (again.status_code, again.json()["changed_or_same"]) == (200, MOST_LINES)
    assert WeeklyEntry.history.count() == MOST_LINES


@pytest.mark.parametrize("many", [1, 15])
def test_the_same_statements_for_one_and_many(cast, django_assert_num_queries, many):
    """Token, standings, the action's with the short weeks, and the answer."""
    program = program_of(cast.manager)
    program.get("")
    lines = [line("leads", 7, week) for week in WEEK.next.back(many)]
    with django_assert_num_queries(14):
        program.ask("POST", "entries/batch/", {"entries": lines})
