"""reports/seen_board.py: the board of a past meeting, whatever happened since."""

import pytest

from funnel.actions import meetings
from funnel.reports.board.seen_board import build_seen_board
from tests.cast import make_cast
from tests.factories import WEEK, close_week, make_entry, seat_for

pytestmark = pytest.mark.django_db


def test_shows_what_the_team_saw_and_what_was_corrected_since(django_assert_num_queries):
    cast = make_cast()
    make_entry(cast.leads, 90)
    closed = close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason="Two were counted twice.")
    make_entry(cast.leads, 88, version=1)
    close_week(cast.admin)
    with django_assert_num_queries(2):
        seen = build_seen_board(cast.practice, WEEK)
    assert seen.board.stages[0].value == 90
    assert (seen.seen_at, seen.closed_by) == (closed.closed_at, "Ana")
    assert [(one.old, one.new) for one in seen.corrections] == [("90", "88")]


def test_there_is_none_of_an_open_week_and_none_of_next_door(django_assert_num_queries):
    cast = make_cast()
    close_week(cast.stranger)
    make_entry(cast.leads, 90)
    with django_assert_num_queries(1):
        assert build_seen_board(cast.practice, WEEK) is None
