"""reports/setup/short_weeks.py: the marks of a practice."""

import pytest
import time_machine

from funnel.reports.setup.short_weeks import as_mark, find_mark, list_marks
from tests.cast import make_cast
from tests.factories import WEEK, make_short_week

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def test_the_mark_of_a_week_says_who_by_name_or_address(cast, django_assert_num_queries):
    row = make_short_week(cast.practice)
    with django_assert_num_queries(1):
        mark = find_mark(cast.practice, WEEK)
    assert (mark.week, mark.days_open, mark.reason) == (WEEK, 3, "Holiday")
    assert mark.marked_by == "root@example.com"
    assert as_mark(cast.practice, row) == mark
    row.marked_by = cast.manager.user
    row.save()
    assert find_mark(cast.practice, WEEK).marked_by == "Ana"
    assert as_mark(cast.practice, row).marked_by == "Ana"


def test_a_week_that_is_not_short_has_none(cast):
    make_short_week(cast.stranger.practice)
    assert find_mark(cast.practice, WEEK) is None
    assert list_marks(cast.practice) == []


def test_the_marks_between_two_weeks_the_earliest_first(cast, django_assert_num_queries):
    weeks = [WEEK.plus(-n) for n in (1, 9, 5)]
    for week in weeks:
        make_short_week(cast.practice, week)

    def found(**span):
        return [mark.week for mark in list_marks(cast.practice, **span)]

    with django_assert_num_queries(1):
        assert found() == sorted(weeks)
    assert found(first=WEEK.plus(-5)) == [WEEK.plus(-5), WEEK.plus(-1)]
    assert found(last=WEEK.plus(-5)) == [WEEK.plus(-9), WEEK.plus(-5)]
