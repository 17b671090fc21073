"""actions/short_weeks.py: marking a week as short, and taking the mark back."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import meetings, short_weeks
from funnel.actions.refusals import Closed
from funnel.domain.weeks import Week
from funnel.models import ShortWeek
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, close_week, seat_for

pytestmark = pytest.mark.django_db

RUNNING = Week.running(TODAY)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def mark(cast, week=WEEK, days_open=3, reason="Thanksgiving", *, by=None):
    return short_weeks.mark(
        by=seat_for(by or cast.manager),
        week=week,
        days_open=days_open,
        reason=reason,
        today=TODAY,
    )


def unmark(cast, week=WEEK, *, by=None):
    short_weeks.unmark(by=seat_for(by or cast.manager), week=week, today=TODAY)


def refusal(error, call, *args, **kwargs):
    before = list(ShortWeek.history.values())
    with pytest.raises(error) as refused:
        call(*args, **kwargs)
    assert list(ShortWeek.history.values()) == before
    return getattr(refused.value, "messages", None) or str(refused.value)


def test_a_mark_says_why_who_and_when(cast):
    marked = mark(cast, reason="  Thanksgiving ")
    assert marked == ShortWeek.objects.get(practice=cast.practice, week=WEEK.monday)
    assert (marked.days_open, marked.reason) == (3, "Thanksgiving")
    assert (marked.marked_by, marked.marked_at) == (cast.manager.user, timezone.now())


def test_marking_again_changes_what_is_said_and_the_same_changes_nothing(cast):
    first = mark(cast)
    assert mark(cast, by=cast.admin) == first
    assert mark(cast, days_open=4) == first
    past = first.history.order_by("history_id")
    assert [(row.history_type, row.days_open) for row in past] == [("+", 3), ("~", 4)]


def test_a_mark_that_is_taken_back_stays_in_the_history(cast):
    mark(cast)
    unmark(cast)
    assert not ShortWeek.objects.exists()
    last = ShortWeek.history.latest("history_id")
    assert (last.history_type, last.history_user) == ("-", cast.manager.user)


def test_without_a_mark_there_is_nothing_to_take_back(cast):
    unmark(cast)
    assert not ShortWeek.history.exists()


def test_the_running_week_can_be_marked_and_a_later_one_cannot(cast):
    assert mark(cast, RUNNING).week == RUNNING.monday
    assert refusal(ValidationError, mark, cast, RUNNING.next) == ["This week has not started yet."]


def test_a_week_before_the_practice_began_is_refused(cast):
    assert refusal(ValidationError, mark, cast, Week.of(BEGAN).previous) == [
        "Lumina Aesthetics had not started yet in this week."
    ]


def test_a_closed_week_is_marked_once_it_is_opened_again(cast):
    mark(cast)
    close_week(cast.manager)
    sentence = ["This week is closed. A manager can reopen it, with a reason."]
    assert refusal(Closed, mark, cast, days_open=1) == sentence
    assert refusal(Closed, unmark, cast) == sentence
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Holiday.")
    unmark(cast)
    assert not ShortWeek.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": "  "}, "Enter the reason why the week is short."),
        ({"days_open": 7}, "A short week has 0 to 6 days open."),
        ({"reason": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_refuses_what_is_no_short_week(cast, fields, sentence):
    assert refusal(ValidationError, mark, cast, **fields) == [sentence]


@pytest.mark.parametrize("who", ["viewer", "owner", "stand_in"])
def test_only_a_manager_marks_and_takes_back(cast, who):
    sentence = "Only a manager can mark a week as short."
    assert refusal(PermissionDenied, mark, cast, by=getattr(cast, who)) == sentence
    assert refusal(PermissionDenied, unmark, cast, by=getattr(cast, who)) == sentence


def test_another_practice_has_marks_of_its_own(cast):
    mark(cast)
    mark(cast, by=cast.stranger, days_open=5)
    unmark(cast)
    assert ShortWeek.objects.get().practice == cast.stranger.practice
