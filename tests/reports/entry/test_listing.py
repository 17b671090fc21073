"""reports/entry_list.py: the entries, a page at a time."""

import pytest
import time_machine

from funnel.actions import meetings
from funnel.reports.entry.listing import list_entries, tell_entries
from tests.cast import make_cast
from tests.factories import (
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_numbers,
    seat_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def told(page):
    return [(entry.kpi, str(entry.week), entry.value) for entry in page.entries]


def pages(practice, limit, **how):
    """Every page, one after the other."""
    after, found = None, []
    while not found or after is not None:
        page = list_entries(practice, after=after, limit=limit, **how)
        found.append(told(page))
        after = page.after
    return found


def test_by_week_and_kpi_with_everything_that_was_said(cast):
    make_entry(cast.appointments, 30, note="Two days closed")
    make_entry(cast.leads, 80, WEEK.previous)
    make_entry(make_kpi(cast.stranger.practice, "Lasers"), 5)
    page = list_entries(cast.practice)
    assert told(page) == [("leads", "2026-W46", 80), ("appointments", "2026-W47", 30)]
    assert page.after is None
    entry = page.entries[1]
    assert (entry.note, entry.reason, entry.version) == ("Two days closed", "set up", 1)
    assert (entry.entered_by, entry.entered_for) == ("root@example.com", "Maya")
    assert (entry.is_corrected, entry.seen) == (False, None)


def test_a_corrected_one_says_what_the_team_saw(cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    by = seat_for(cast.manager)
    meetings.reopen(by=by, week=WEEK, reason="Counted twice")
    make_entry(cast.leads, 88, version=1)
    (entry,) = list_entries(cast.practice).entries
    assert (entry.value, entry.is_corrected, entry.seen) == (88, True, 90)


def test_from_a_week_to_a_week_and_of_one_kpi(cast):
    make_numbers(cast.leads, [1, 2, 3, 4])
    make_numbers(cast.appointments, [5, 6])
    first, last = WEEK.plus(-2), WEEK.previous
    assert [v for *_, v in told(list_entries(cast.practice, first=first, last=last))] == [2, 3, 5]
    of_one = list_entries(cast.practice, first=first, slug="leads")
    assert [v for *_, v in told(of_one)] == [2, 3, 4]


def test_no_such_kpi_is_none_and_neither_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    assert list_entries(cast.practice, slug="lasers") is None
    assert list_entries(cast.practice, slug="nothing") is None


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
def test_the_pages_are_the_whole_once(cast, limit):
    make_numbers(cast.leads, [1, None, 3])
    make_numbers(cast.appointments, [4, 5, None])
    make_numbers(cast.patients, [None, 7])
    whole = told(list_entries(cast.practice))
    found = pages(cast.practice, limit)
    assert [entry for page in found for entry in page] == whole
    assert {len(page) for page in found[:-1]} <= {limit}


def test_what_is_entered_between_two_pages_is_neither_lost_nor_told_twice(cast):
    make_numbers(cast.leads, [1, 2, 3])
    page = list_entries(cast.practice, limit=2)
    make_entry(cast.appointments, 9, WEEK.plus(-2))
    make_entry(cast.appointments, 8, WEEK.previous)
    rest = list_entries(cast.practice, limit=2, after=page.after)
    assert told(rest) == [("appointments", "2026-W46", 8), ("leads", "2026-W47", 3)]


def test_tells_some_in_the_order_asked_for(cast, django_assert_num_queries):
    first, second = make_entry(cast.leads, 90), make_entry(cast.appointments, 30)
    with django_assert_num_queries(1):
        found = tell_entries(cast.practice, [second.pk, first.pk])
    assert [entry.value for entry in found] == [30, 90]


@pytest.mark.parametrize("many", [1, 60])
def test_one_query_and_two_for_one_kpi(cast, django_assert_num_queries, many):
    make_numbers(cast.leads, [7] * many)
    with django_assert_num_queries(1):
        assert len(list_entries(cast.practice, limit=50).entries) == min(many, 50)
    with django_assert_num_queries(2):
        list_entries(cast.practice, slug="leads")
