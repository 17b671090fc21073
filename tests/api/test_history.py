"""api/history.py: one number over time."""

import pytest

from tests.api.asking import problem, program_of
from tests.factories import WEEK, make_entry, make_kpi, make_numbers, make_target

pytestmark = pytest.mark.django_db

# Wheeler, Making Sense of Data, p. 382.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685)
WHEELER = (*WHEELER, 3463, 5200)
HISTORY = "kpis/leads/history/"


def history_of(cast, path=HISTORY):
    return program_of(cast.owner).get(path).json()


def test_the_published_example_as_numbers(cast):
    make_numbers(cast.leads, WHEELER)
    make_target(cast.leads, 4000, WEEK)
    told = history_of(cast)
    assert (told["kpi"], told["name"], told["owner"], told["baseline"]) == (
        "leads",
        "Leads",
        "Tom",
        "provisional",
    )
    assert told["limits"]["mean"] == pytest.approx(4135.5)
    assert told["limits"]["lower"] == pytest.approx(3188.72, abs=0.01)
    assert told["limits"]["upper"] == pytest.approx(5082.28, abs=0.01)
    assert told["limits"]["range_limit"] == pytest.approx(1163.19, abs=0.01)
    assert told["baselines"] == [
        {
            "begins": None,
            "first": str(WEEK.plus(-15)),
            "last": str(WEEK),
            "state": "provisional",
            "counted": 16,
            "limits": told["limits"],
        }
    ]
    assert [week["value"] for week in told["weeks"]] == [*WHEELER, None]
    assert told["weeks"][-2] == {
        "week": "2026-W47",
        "value": 5200,
        "moved": 1737,
        "target": 4000,
        "signals": ["outside"],
        "completes": ["outside"],
        "is_running": False,
    }
    assert told["weeks"][-1]["is_running"]


def test_the_lower_limit_is_raw(cast):
    make_numbers(cast.leads, [10, 50, 40, 30, 10, 50])
    assert history_of(cast)["limits"]["lower"] < 0


def test_too_few_numbers_have_no_limits(cast):
    make_numbers(cast.leads, [3, 4, 5])
    told = history_of(cast)
    assert (told["baseline"], told["limits"]) == ("none", None)
    assert told["baselines"][0]["limits"] is None


@pytest.mark.parametrize(
    ("query", "first", "last", "count"),
    [
        ("", WEEK.plus(-25), WEEK.next, 27),
        ("?from=2026-W40", WEEK.plus(-7), WEEK.next, 9),
        ("?from=2026-W40&to=2026-W41", WEEK.plus(-7), WEEK.plus(-6), 2),
        ("?to=2026-W40", WEEK.plus(-32), WEEK.plus(-7), 26),
        ("?from=0001-W01&to=9998-W01", WEEK.plus(-39), WEEK.next, 41),
        ("?from=2027-W01", None, None, 0),
    ],
)
def test_from_a_week_to_a_week(cast, query, first, last, count):
    make_numbers(cast.leads, [n % 9 for n in range(40)])
    weeks = history_of(cast, HISTORY + query)["weeks"]
    assert len(weeks) == count
    if weeks:
        assert (weeks[0]["week"], weeks[-1]["week"]) == (str(first), str(last))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?from=2026-W54", "from: A week is written like 2026-W47."),
        ("?from=soon", "from: A week is written like 2026-W47."),
        ("?to=%00", "to: A week is written like 2026-W47."),
        ("?from=2026-W47&to=2026-W46", "The first week is after the last."),
    ],
)
def test_a_wrong_week_is_422(cast, query, sentence):
    response = program_of(cast.owner).get(HISTORY + query)
    assert problem(response) == (422, "invalid", sentence)


def test_more_than_520_weeks_at_once_are_refused(cast):
    cast.practice.began_on = WEEK.plus(-600).monday
    cast.practice.save()
    make_numbers(cast.leads, [1] * 530)
    program = program_of(cast.owner)
    response = program.get(f"{HISTORY}?from={WEEK.plus(-529)}")
    assert problem(response) == (422, "invalid", "Ask for at most 520 weeks at once.")
    assert len(program.get(f"{HISTORY}?from={WEEK.plus(-518)}").json()["weeks"]) == 520


def test_no_such_kpi_is_404_and_so_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    for slug in ("lasers", "nothing"):
        response = program_of(cast.owner).get(f"kpis/{slug}/history/")
        assert problem(response) == (404, "not-found", "There is no such KPI here.")


def test_whoever_has_it_already_gets_304_until_something_changes(cast):
    make_numbers(cast.leads, [3, 4, 5], WEEK.previous)
    program = program_of(cast.owner)
    etag = program.get(HISTORY).headers["ETag"]
    assert program.get(HISTORY, **{"If-None-Match": etag}).status_code == 304
    make_entry(cast.leads, 6)
    assert program.get(HISTORY, **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("many", [3, 500])
def test_three_statements_for_few_and_many_weeks(cast, django_assert_num_queries, many):
    make_numbers(cast.leads, [n % 9 for n in range(many)])
    program = program_of(cast.owner)
    program.get(HISTORY)
    with django_assert_num_queries(3):
        program.get(f"{HISTORY}?from={WEEK.plus(-400)}")
