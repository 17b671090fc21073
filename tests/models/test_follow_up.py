"""models/follow_up.py: which follow-ups are open or overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from funnel.models import FollowUp, Meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def promise(db):
    """Store a follow-up with that text, due date and fields."""
    cast = make_cast()
    by = cast.manager.user
    meeting = Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    ends = {
        "done": {"done_at": NOW, "done_by": by},
        "dropped": {"dropped_at": NOW, "dropped_by": by, "dropped_because": "Not needed."},
        "open": {},
    }

    def make(text, due_on=TODAY, end="open"):
        return FollowUp.objects.create(
            practice=cast.practice,
            meeting=meeting,
            text=text,
            owner=cast.owner,
            due_on=due_on,
            promised_at=NOW,
            promised_by=by,
            **ends[end],
        )

    return make


def texts(promises):
    return [promise.text for promise in promises]


def test_a_promise_is_open_until_it_is_done_or_dropped(promise):
    is_open = {end: promise(end, end=end).is_open for end in ("open", "done", "dropped")}
    assert is_open == {"open": True, "done": False, "dropped": False}
    assert texts(FollowUp.objects.open()) == ["open"]


def test_a_promise_is_overdue_the_day_after_it_was_due(promise):
    promise("due today")
    promise("due yesterday", YESTERDAY)
    promise("done late", YESTERDAY, "done")
    promise("dropped", YESTERDAY, "dropped")
    assert texts(FollowUp.objects.overdue(TODAY)) == ["due yesterday"]
    assert texts(FollowUp.objects.overdue(YESTERDAY)) == []


def test_what_is_due_first_stands_first_and_of_one_day_what_was_promised_first(promise):
    for text, due_on in [("b", TODAY), ("c", TODAY), ("a", YESTERDAY)]:
        promise(text, due_on)
    assert texts(FollowUp.objects.all()) == ["a", "b", "c"]
