"""Two people at one meeting in the same moment: closing it, saving into it, writing its notes.

Without the locks the harm is seen on PostgreSQL only: SQLite lets in one writer at a time.
"""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from funnel.actions import entries, meetings, notes
from funnel.actions.refusals import VersionConflict
from funnel.models import Meeting, MeetingNote, Snapshot, WeeklyEntry
from funnel.reports.board.board import build_board
from funnel.reports.board.snapshot import freeze
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, seat_for, stand_for
from tests.races.rendezvous import BOUND, PATIENCE, at_once, meet_before, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


def close(by):
    return meetings.close(by=by, week=WEEK, today=TODAY, seen=dict)


@pytest.fixture
def cast():
    return make_cast()


def two_closes(cast, monkeypatch):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="To race.")
    ana, ada = seat_for(cast.manager), seat_for(cast.admin)
    meet_before(monkeypatch, (Meeting, "full_clean"))
    return at_once(
        lambda: close(ana),
        lambda: close(ada),
    )


@pytest.mark.postgresql
def test_of_two_who_close_a_week_at_once_the_first_has_closed_it(cast, monkeypatch):
    first, second = two_closes(cast, monkeypatch)
    stored = Meeting.objects.get()
    assert first.closed_by == second.closed_by == stored.closed_by
    assert first.closed_at == second.closed_at == stored.closed_at


@pytest.mark.postgresql
def test_of_two_who_close_a_week_at_once_without_locks_both_think_they_did(cast, monkeypatch):
    without_locks(monkeypatch)
    first, second = two_closes(cast, monkeypatch)
    assert {first.closed_by, second.closed_by} == {cast.manager.user, cast.admin.user}


def first_two_writers(cast, monkeypatch):
    ana, ada = seat_for(cast.manager), seat_for(cast.admin)
    meet_before(monkeypatch, (Meeting.objects, "bulk_create"))
    return at_once(
        lambda: close(ana),
        lambda: close(ada),
    )


@pytest.mark.postgresql
def test_the_first_two_writers_of_a_week_share_its_meeting(cast, monkeypatch):
    first, second = first_two_writers(cast, monkeypatch)
    assert first == second == Meeting.objects.get()
    assert first.closed_by == second.closed_by


# The board as the team saw it


def close_and_keep(person):
    """The first close of an open week, as two at once do it."""
    return lambda: close_week(person)


def first_closes(cast, monkeypatch):
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    meet_before(monkeypatch, (Meeting, "full_clean"))
    at_once(close_and_keep(cast.manager), close_and_keep(cast.admin))
    return Meeting.objects.get(), Snapshot.objects.get()


def test_of_two_first_closes_one_keeps_the_board(cast, monkeypatch):
    meeting, kept = first_closes(cast, monkeypatch)
    assert kept.taken_by == meeting.closed_by
    assert (kept.taken_at, meeting.revision) == (meeting.closed_at, 1)


@pytest.mark.postgresql
def test_of_two_first_closes_without_locks_one_closes_over_the_others_board(cast, monkeypatch):
    without_locks(monkeypatch)
    meeting, kept = first_closes(cast, monkeypatch)
    assert kept.taken_by != meeting.closed_by


def save(cast):
    standing = stand_for(cast.owner, "appointments")
    return lambda: entries.record(by=standing, week=WEEK, value=Decimal(27))


def saved_first(cast, monkeypatch):
    """The owner's result if the meeting closes right after they saw it open."""
    saw_it_open, closed = threading.Event(), threading.Event()
    real = entries._entries_near

    def read(*args):
        near = real(*args)
        saw_it_open.set()
        closed.wait(PATIENCE)
        return near

    def close():
        assert saw_it_open.wait(BOUND)
        close_week(cast.manager)
        closed.set()

    monkeypatch.setattr(entries, "_entries_near", read)
    return at_once(save(cast), close)[0]


def closed_first(cast, monkeypatch):
    """The owner's result if they save right after the board was read for storage."""
    is_read, saved = threading.Event(), threading.Event()
    seat = seat_for(cast.manager)

    def seen():
        board = freeze(build_board(cast.practice, WEEK, today=TODAY))
        is_read.set()
        saved.wait(PATIENCE)
        return board

    record = save(cast)

    def save_then_tell():
        assert is_read.wait(BOUND)
        try:
            return record()
        finally:
            saved.set()

    def close():
        meetings.close(by=seat, week=WEEK, today=TODAY, seen=seen)

    return at_once(save_then_tell, close)[0]


def is_kept():
    """Whether the stored board has the number."""
    (appointments,) = (
        stage for stage in Snapshot.objects.get().board["stages"] if stage["slug"] == "appointments"
    )
    return appointments["value"] is not None


@pytest.mark.parametrize("race", [saved_first, closed_first])
def test_a_number_is_in_the_board_that_is_kept_or_its_owner_is_refused(cast, monkeypatch, race):
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    told = race(cast, monkeypatch)
    assert Meeting.objects.get().is_closed
    if is_kept():
        assert told == WeeklyEntry.objects.get()
    else:
        assert isinstance(told, ValidationError)
        assert "This week is closed" in str(told)
        assert not WeeklyEntry.objects.exists()
    assert is_kept() == (race is saved_first)


@pytest.mark.postgresql
@pytest.mark.parametrize("race", [saved_first, closed_first])
def test_without_locks_a_number_is_saved_and_not_in_the_board(cast, monkeypatch, race):
    Meeting.objects.create(practice=cast.practice, week=WEEK.monday)
    without_locks(monkeypatch)
    assert race(cast, monkeypatch) == WeeklyEntry.objects.get()
    assert not is_kept()


# One note, two people


def write(person, text, version):
    seat = seat_for(person)
    return lambda: notes.write(
        by=seat, week=WEEK, part="issues", kpi=None, text=text, version=version, today=TODAY
    )


def two_edits(cast, monkeypatch):
    write(cast.manager, "Decided.", None)()
    meet_before(monkeypatch, (MeetingNote, "full_clean"))
    return at_once(write(cast.manager, "Ana's.", 1), write(cast.admin, "Ada's.", 1))


def test_of_two_edits_of_a_note_the_second_is_shown_the_first(cast, monkeypatch):
    outcomes = two_edits(cast, monkeypatch)
    (saved,) = [outcome for outcome in outcomes if isinstance(outcome, MeetingNote)]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, VersionConflict)]
    stored = MeetingNote.objects.get()
    assert refused.stored == saved == stored
    assert refused.stored.text == saved.text == stored.text
    assert stored.version == 2


@pytest.mark.postgresql
def test_of_two_edits_of_a_note_without_locks_one_is_lost(cast, monkeypatch):
    without_locks(monkeypatch)
    outcomes = two_edits(cast, monkeypatch)
    assert {outcome.text for outcome in outcomes} == {"Ana's.", "Ada's."}
    assert MeetingNote.objects.get().version == 2
