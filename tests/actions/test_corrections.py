"""actions/entries.py once a meeting was opened again: what the team saw stays beside a number."""

from decimal import Decimal

import pytest
import time_machine

from funnel.actions import entries, meetings
from funnel.models import WeeklyEntry
from tests.cast import make_cast
from tests.factories import WEEK, close_week, seat_for, stand_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def record(cast, value, version=None, note=""):
    standing = stand_for(cast.owner, "appointments")
    entries.record(by=standing, week=WEEK, value=Decimal(value), version=version, note=note)
    stored = WeeklyEntry.objects.get()
    assert (stored.value, stored.note) == (value, note)
    return stored.is_corrected, stored.seen_value


def close_and_reopen(cast):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")


def test_before_a_close_a_change_is_no_correction(cast):
    record(cast, 27)
    assert record(cast, 28, version=1) == (False, None)


def test_a_changed_number_keeps_what_the_team_saw_however_often_it_is_changed(cast):
    record(cast, 27)
    close_and_reopen(cast)
    assert record(cast, 28, version=1) == (True, 27)
    assert record(cast, 29, version=2) == (True, 27)


def test_changed_back_it_is_what_the_team_saw(cast):
    record(cast, 27)
    close_and_reopen(cast)
    record(cast, 28, version=1)
    assert record(cast, 27, version=2) == (False, None)
    assert record(cast, 26, version=3) == (True, 27)


def test_a_number_where_none_was_is_a_correction_of_nothing(cast):
    close_and_reopen(cast)
    assert record(cast, 27) == (True, None)
    assert record(cast, 28, version=1) == (True, None)


def test_a_note_alone_corrects_nothing(cast):
    record(cast, 27)
    close_and_reopen(cast)
    assert record(cast, 27, version=1, note="Counted again.") == (False, None)


def test_a_note_alone_leaves_a_correction_as_it_is(cast):
    record(cast, 27)
    close_and_reopen(cast)
    record(cast, 28, version=1)
    assert record(cast, 28, version=2, note="Counted again.") == (True, 27)


def test_a_second_close_leaves_what_the_first_one_kept(cast):
    record(cast, 27)
    close_and_reopen(cast)
    record(cast, 28, version=1)
    close_and_reopen(cast)
    assert record(cast, 29, version=2) == (True, 27)


def test_the_history_tells_every_step(cast):
    record(cast, 27)
    close_and_reopen(cast)
    record(cast, 28, version=1)
    record(cast, 27, version=2)
    past = WeeklyEntry.history.order_by("history_id")
    assert list(past.values_list("value", "is_corrected", "seen_value")) == [
        (27, False, None),
        (28, True, 27),
        (27, False, None),
    ]
