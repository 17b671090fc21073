"""api/short_weeks.py: the short weeks of a practice, for programs."""

import pytest

from funnel.models import ShortWeek
from tests.api.asking import API, problem, program_of
from tests.factories import WEEK, close_week, make_short_week

pytestmark = pytest.mark.django_db

ADDRESS = f"{API}/practices/lumina/short-weeks/"
ONE = f"{ADDRESS}{WEEK}/"
BODY = {"days_open": 3, "reason": "Thanksgiving"}


@pytest.fixture
def program(cast):
    return program_of(cast.manager)


def test_lists_the_marks_the_earliest_first(cast, program):
    for week in (WEEK, WEEK.plus(-4)):
        make_short_week(cast.practice, week)
    make_short_week(cast.stranger.practice)
    listed = program.ask("GET", ADDRESS).json()["short_weeks"]
    assert [mark["week"] for mark in listed] == [str(WEEK.plus(-4)), str(WEEK)]
    assert listed[1] == {
        "week": "2026-W47",
        "days_open": 3,
        "reason": "Holiday",
        "marked_by": "root@example.com",
        "marked_at": "2026-11-24T15:00:00+00:00",
    }
    some = program.ask("GET", f"{ADDRESS}?from={WEEK}").json()["short_weeks"]
    assert [mark["week"] for mark in some] == [str(WEEK)]


def test_marks_changes_and_repeats(cast, program):
    statuses = []
    for body in (BODY, BODY, {**BODY, "days_open": 4}):
        response = program.ask("PUT", ONE, body)
        statuses.append(response.status_code)
    assert statuses == [201, 200, 200]
    assert response.json()["marked_by"] == "Ana"
    mark = ShortWeek.objects.get(practice=cast.practice)
    assert (mark.week, mark.days_open, mark.reason) == (WEEK.monday, 4, "Thanksgiving")
    assert ShortWeek.history.count() == 2


def test_takes_a_mark_back_and_repeats(cast, program):
    make_short_week(cast.practice)
    for _ in range(2):
        response = program.ask("DELETE", ONE)
        assert (response.status_code, response.content) == (204, b"")
    assert not ShortWeek.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"days_open": 7, "reason": "x"}, {"days_open": 3, "reason": " "}, {**BODY, "more": 1}],
)
def test_refuses_what_is_no_mark(program, body):
    assert program.ask("PUT", ONE, body).status_code == 422
    assert not ShortWeek.objects.exists()


def test_a_closed_week_and_one_to_come_are_refused(cast, program):
    later = f"{ADDRESS}{WEEK.plus(2)}/"
    assert problem(program.ask("PUT", later, BODY))[0] == 422
    close_week(cast.manager)
    for method, body in (("PUT", BODY), ("DELETE", None)):
        assert problem(program.ask(method, ONE, body))[0] == 423


@pytest.mark.parametrize("who", ["viewer", "owner"])
def test_only_a_manager_marks(cast, who):
    program = program_of(getattr(cast, who), may_write=who != "viewer")
    for method, body in (("PUT", BODY), ("DELETE", None)):
        assert program.ask(method, ONE, body).status_code == 403
