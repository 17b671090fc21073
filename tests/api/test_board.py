"""api/board.py: the dashboard as numbers."""

import pytest
import time_machine

from funnel.models import Ownership
from tests.api.asking import API, problem, program_of
from tests.factories import (
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_kpi,
    make_numbers,
    make_ownership,
    make_target,
)

pytestmark = pytest.mark.django_db

BOARD = f"board/{WEEK}/"


@pytest.fixture
def story(cast):
    """Thirteen usual weeks of 100 / 40 / 20, then the week of the measures' example."""
    kpis = (cast.leads, cast.appointments, cast.patients)
    for kpi, usual, now in zip(kpis, (100, 40, 20), (90, 27, 15), strict=True):
        make_numbers(kpi, [usual] * 13, WEEK.previous)
        make_entry(kpi, now)
        make_target(kpi, usual)
    return cast


def board_of(cast, path=BOARD):
    return program_of(cast.owner).get(path).json()


def stages(board, *keys):
    return [tuple(stage[key] for key in keys) for stage in board["stages"]]


def test_the_measures_example_as_numbers(story):
    board = board_of(story)
    assert (board["practice"], board["week"], board["currency"]) == ("lumina", "2026-W47", "USD")
    assert (board["first_day"], board["last_day"]) == ("2026-11-16", "2026-11-22")
    assert (board["is_running"], board["is_reporting"], board["is_closed"]) == (False, True, False)
    assert stages(board, "slug", "value", "target", "status", "expected", "average") == [
        ("leads", 90, 100, "missed", 100, 100),
        ("appointments", 27, 40, "missed", 40, 40),
        ("patients-acquired", 15, 20, "missed", 20, 20),
    ]
    assert stages(board, "rate_of_previous", "rate_of_first", "pooled_rate") == [
        (None, None, None),
        (27 / 90, 27 / 90, 0.4),
        (15 / 27, 15 / 90, 0.5),
    ]
    assert stages(board, "change") == [
        ({"difference": -10, "fraction": -0.1},),
        ({"difference": -13, "fraction": -0.325},),
        ({"difference": -5, "fraction": -0.25},),
    ]
    usual = board["stages"][1]["usual"]
    assert (usual["verdict"], usual["weeks"], usual["reason"]) == (
        "as usual",
        13,
        "",
    )
    assert usual["low"] < 0.3 < 0.4 < usual["high"]
    assert board["outcome"].startswith("15 patients acquired, 5 fewer than expected.")
    assert "Appointments (Front desk, Maya): 4.5 patients" in board["leak"]


def test_the_parts_of_the_gap_add_up_and_the_biggest_is_named(story):
    board = board_of(story)
    gap = board["gap"]
    assert (gap["expected"], gap["actual"], gap["total"], gap["told_from"]) == (
        20,
        15,
        5,
        "targets",
    )
    assert [part["patients"] for part in gap["parts"]] == [2, 4.5, -1.5]
    assert [part["money"] for part in gap["parts"]] == [6400, 14400, -4800]
    assert sum(part["patients"] for part in gap["parts"]) == gap["total"]
    assert sum(part["money"] for part in gap["parts"]) == gap["total_money"] == 16000
    assert [part["is_biggest"] for part in gap["parts"]] == [False, True, False]
    assert board["biggest_leak"] == {
        "kpi": "appointments",
        "name": "Appointments",
        "role": "Front desk",
        "owner": "Maya",
        "patients": 4.5,
        "money": 14400,
    }


def test_without_targets_it_is_expected_from_the_weeks_before(cast):
    for kpi, usual in ((cast.leads, 100), (cast.appointments, 40), (cast.patients, 20)):
        make_numbers(kpi, [usual + 2, usual - 2] * 3, WEEK.previous)
    board = board_of(cast)
    assert board["gap"]["told_from"] == "history"
    assert stages(board, "expected") == [(100,), (40,), (20,)]
    assert (board["gap"]["actual"], board["gap"]["total"]) == (None, None)


def test_who_is_still_to_bring_a_number_and_whose_is_nobodys(story):
    make_kpi(story.practice, "Reviews")
    Ownership.objects.filter(kpi=story.appointments).delete()
    board = board_of(story)
    assert board["readiness"] == {
        "is_ready": False,
        "entered": 3,
        "of": 4,
        "missing": [{"kpi": "reviews", "name": "Reviews", "owner": None}],
    }
    assert [(one["kpi"], one["patients"], one["money"]) for one in board["unowned"]] == [
        ("appointments", 4.5, 14400),
        ("reviews", None, None),
    ]
    assert board["unowned"][0]["is_lost"]
    assert "Appointments" in board["unowned"][0]["sentence"]
    assert [line["slug"] for line in board["others"]] == ["reviews"]


def test_what_is_not_known_is_null_and_not_0(cast):
    board = board_of(cast)
    assert (
        stages(board, "value", "target", "status", "change", "expected")
        == [(None, None, "missing", None, None)] * 3
    )
    assert (board["gap"], board["biggest_leak"], board["leak"]) == (None, None, "")


def test_the_running_week_is_told_as_in_progress(story):
    board = board_of(story, f"board/{WEEK.next}/")
    assert board["is_running"]
    assert {status for (status,) in stages(board, "status")} == {"in progress"}
    assert board["gap"] is None


def test_a_closed_week_says_so_and_a_number_is_mine_or_not(story):
    close_week(story.manager)
    board = board_of(story)
    assert board["is_closed"]
    assert stages(board, "is_mine") == [(False,), (True,), (False,)]


def test_the_trend_has_as_many_weeks_as_were_asked_for(story):
    for weeks in (13, 26, 52):
        trend = board_of(story, f"{BOARD}?weeks={weeks}")["trend"]
        assert len(trend["weeks"]) == weeks + 1
        assert trend["running"] == "2026-W48"
        assert trend["series"][0]["kpi"] == "leads"
        assert trend["series"][0]["values"][-2:] == [90, None]
        # The running week is compared with nothing.
        assert trend["series"][0]["targets"][-2:] == [100, None]
    for wrong in ("12", "x", "13.0", ""):
        response = program_of(story.owner).get(f"{BOARD}?weeks={wrong}")
        assert problem(response) == (422, "invalid", "weeks: Choose 13, 26 or 52 weeks.")


@pytest.mark.parametrize("week", ["2026-W49", "2023-W52", "0001-W01", "9998-W01"])
def test_a_week_that_has_not_begun_or_was_before_the_practice_is_404(cast, week):
    response = program_of(cast.owner).get(f"board/{week}/")
    assert problem(response) == (404, "not-found", "There is no such week here.")


def test_whoever_has_it_already_gets_304_until_something_changes(story):
    program = program_of(story.owner)
    first = program.get(BOARD)
    etag = first.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = program.get(BOARD, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["RateLimit-Limit"] == "600"
    assert program.get(BOARD, **{"If-None-Match": '"other"'}).status_code == 200
    make_entry(story.leads, 91, version=1)
    changed = program.get(BOARD, **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_whoever_has_it_is_answered_without_the_board(story, django_assert_num_queries):
    program = program_of(story.owner)
    etag = program.get(BOARD).headers["ETag"]
    with django_assert_num_queries(1):  # The token with its seat.
        assert program.get(BOARD, **{"If-None-Match": etag}).status_code == 304


def test_another_day_another_query_and_another_practices_write(story):
    program = program_of(story.owner)
    etag = program.get(BOARD).headers["ETag"]
    make_follow_up(story.stranger)
    assert program.get(BOARD, **{"If-None-Match": etag}).status_code == 304
    assert program.get(f"{BOARD}?weeks=26", **{"If-None-Match": etag}).status_code == 200
    with time_machine.travel("2026-11-25T15:00Z", tick=False):
        assert program.get(BOARD, **{"If-None-Match": etag}).status_code == 200


def test_two_people_are_told_apart_by_the_etag(story):
    of_maya = program_of(story.owner).get(BOARD)
    of_tom = program_of(story.marketer).get(BOARD, **{"If-None-Match": of_maya.headers["ETag"]})
    assert of_tom.status_code == 200


@pytest.mark.parametrize("many", [0, 12])
def test_three_statements_for_3_and_15_kpis(story, django_assert_num_queries, many):
    for number in range(many):
        kpi = make_kpi(story.practice, f"Number {number}", "Front desk")
        make_ownership(kpi, story.owner)
        make_numbers(kpi, [5] * 30)
    program = program_of(story.owner)
    program.get(BOARD)
    with django_assert_num_queries(3):
        assert program.get(f"{BOARD}?weeks=52").status_code == 200
    assert API
