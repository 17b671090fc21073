"""Two people at one follow-up, and a promise made twice, in the same moment."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from funnel.actions import follow_ups
from funnel.actions.refusals import VersionConflict
from funnel.models import FollowUp, Meeting
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, seat_for
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

DUE = TODAY + timedelta(days=7)


@pytest.fixture
def cast():
    cast = make_cast()
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    return cast


def promise(cast):
    return follow_ups.promise(
        by=seat_for(cast.manager), week=WEEK, text="Call back", owner=cast.owner, due_on=DUE
    )


def versions():
    """Every version ever saved of the one follow-up, as (version, text)."""
    return list(FollowUp.history.order_by("history_id").values_list("version", "text"))


# A promise made twice


def double_promise(cast, monkeypatch):
    meet_before(monkeypatch, (FollowUp, "full_clean"))
    return at_once(lambda: promise(cast), lambda: promise(cast))


def test_a_promise_made_twice_at_once_is_kept_once(cast, monkeypatch):
    first, second = double_promise(cast, monkeypatch)
    assert first == second == FollowUp.objects.get()
    assert versions() == [(1, "Call back")]


def test_a_promise_made_twice_at_once_without_locks_is_kept_twice(cast, monkeypatch):
    without_locks(monkeypatch)
    double_promise(cast, monkeypatch)
    assert FollowUp.objects.count() == 2


# Done and dropped


def done_and_dropped(cast, monkeypatch):
    made = promise(cast)
    meet_before(monkeypatch, (FollowUp, "full_clean"))
    maya, ana = seat_for(cast.owner), seat_for(cast.manager)
    return at_once(
        lambda: follow_ups.finish(by=maya, follow_up=made),
        lambda: follow_ups.drop(by=ana, follow_up=made, reason="No time."),
    )


def test_of_two_who_end_it_at_once_the_second_is_told(cast, monkeypatch):
    outcomes = done_and_dropped(cast, monkeypatch)
    (saved,) = [outcome for outcome in outcomes if isinstance(outcome, FollowUp)]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    stored = FollowUp.objects.get()
    assert (stored.done_at, stored.dropped_at) == (saved.done_at, saved.dropped_at)
    assert refused.messages
    assert [version for version, _ in versions()] == [1, 2]


def test_of_two_who_end_it_at_once_without_locks_one_is_overwritten(cast, monkeypatch):
    without_locks(monkeypatch)
    outcomes = done_and_dropped(cast, monkeypatch)
    assert all(isinstance(outcome, FollowUp) for outcome in outcomes)
    assert sorted(version for version, _ in versions()) == [1, 2, 2]


# Two edits


def two_edits(cast, monkeypatch):
    made = promise(cast)
    meet_before(monkeypatch, (FollowUp, "full_clean"))

    def edit(person, text):
        seat = seat_for(person)
        return lambda: follow_ups.change(
            by=seat, follow_up=made, version=1, text=text, owner=cast.owner, due_on=DUE
        )

    return at_once(edit(cast.manager, "Ana's words"), edit(cast.admin, "Ada's words"))


def test_of_two_who_change_it_at_once_the_second_is_shown_what_is_stored(cast, monkeypatch):
    outcomes = two_edits(cast, monkeypatch)
    (saved,) = [outcome for outcome in outcomes if isinstance(outcome, FollowUp)]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, VersionConflict)]
    assert refused.stored == saved == FollowUp.objects.get()
    assert refused.stored.text == saved.text == FollowUp.objects.get().text
    assert versions() == [(1, "Call back"), (2, saved.text)]


def test_of_two_who_change_it_at_once_without_locks_one_is_overwritten(cast, monkeypatch):
    without_locks(monkeypatch)
    outcomes = two_edits(cast, monkeypatch)
    assert all(isinstance(outcome, FollowUp) for outcome in outcomes)
    assert sorted(versions())[1:] == [(2, "Ada's words"), (2, "Ana's words")]
