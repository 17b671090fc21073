"""api/history.py: one number over time."""

import pytest
import time_machine

from funnel.actions import baselines, short_weeks
from funnel.domain.variation import limits
from funnel.reports.history.history import build_history
from tests.api.asking import problem, program_of
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_numbers, make_target, root_seat

pytestmark = pytest.mark.django_db

# Wheeler, Making Sense of Data, p. 382.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685)
WHEELER = (*WHEELER, 3463, 5200)
HISTORY = "kpis/leads/history/"


def history_of(cast, path=HISTORY):
    return program_of(cast.owner).get(path).json()


def test_numbers_with_their_usual_range_and_verdict(cast):
    make_numbers(cast.leads, WHEELER)
    make_target(cast.leads, 4000, WEEK)
    told = history_of(cast)
    assert (told["kpi"], told["name"], told["owner"], told["baseline"]) == (
        "leads",
        "Leads",
        "Tom",
        "provisional",
    )
    usual = limits(WHEELER[:-1])
    assert told["limits"] == {
        "mean": pytest.approx(usual.mean),
        "lower": pytest.approx(usual.lower),
        "upper": pytest.approx(usual.upper),
        "range_limit": pytest.approx(usual.range_limit),
    }
    assert told["baselines"] == [
        {
            "begins": None,
            "first": str(WEEK.plus(-15)),
            "last": str(WEEK),
            "state": "provisional",
            "counted": 15,
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
        "verdict": "better than usual",
        "usual": {"low": pytest.approx(usual.lower), "high": pytest.approx(usual.upper)},
        "since": "2026-W47",
        "is_news": True,
        "is_short": False,
    }
    running = told["weeks"][-1]
    assert (running["is_running"], running["verdict"], running["usual"]) == (True, None, None)


def test_each_week_has_its_own_usual_range_and_a_baseline_one_of_its_own(cast):
    make_numbers(cast.leads, [10, 12] * 20)
    by = root_seat(cast.practice)
    begun = WEEK.plus(-29)
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        baselines.begin(by=by, kpi=cast.leads, from_week=begun, reason="Moved", today=TODAY)
        short_weeks.mark(by=by, week=WEEK, days_open=3, reason="Holiday", today=TODAY)
    told = history_of(cast, f"{HISTORY}?from=2026-W01")
    assert [
        (one["begins"], one["first"], one["last"], one["state"], one["counted"])
        for one in told["baselines"]
    ] == [
        (None, str(WEEK.plus(-39)), str(begun.previous), "provisional", 9),
        (str(begun), str(begun), str(WEEK), "frozen", 20),
    ]
    assert (told["baseline"], told["limits"]) == ("frozen", told["baselines"][1]["limits"])
    weeks = {week["week"]: week for week in told["weeks"]}
    last = weeks[str(WEEK)]
    assert (last["is_short"], last["verdict"], last["completes"]) == (True, "too few to say", [])
    limits_of_last = told["limits"]
    assert last["usual"] == {"low": limits_of_last["lower"], "high": limits_of_last["upper"]}


def test_the_weeks_are_those_of_the_page(cast):
    make_numbers(cast.leads, [10 + (n * 7) % 13 + (20 if 60 < n < 75 else 0) for n in range(110)])
    page = build_history(cast.practice, "leads", today=TODAY, span=None)
    for query in ("", "?from=2025-W01", "?from=2025-W40&to=2026-W10"):
        weeks = {week["week"]: week for week in history_of(cast, HISTORY + query)["weeks"]}
        assert len(weeks) > 20
        for point in page.points:
            if week := weeks.get(str(point.week)):
                assert (week["value"], week["moved"], week["verdict"]) == (
                    point.value, point.moved, point.verdict,
                )  # fmt: skip
                assert week["completes"] == [rule.value for rule in point.fired]
                assert week["signals"] == [rule.value for rule in point.rules]
                assert week["since"] == (str(point.since) if point.since else None)


def test_the_lower_limit_is_raw(cast):
    make_numbers(cast.leads, [10, 50, 40, 30] * 3)
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
