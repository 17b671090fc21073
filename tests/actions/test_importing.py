"""actions/importing.py: writing the numbers of a file, and taking them back."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import entries, importing, imports, meetings
from funnel.actions.importing import PlanChanged
from funnel.domain.import_plan import ImportOutcome
from funnel.models import Import, Meeting, Message, WeeklyEntry
from tests.actions.importing_steps import (
    FILE,
    HEADER,
    correct,
    everything,
    refusal_of,
    undo,
    values,
    write,
)
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_import,
    make_kpi,
    make_ownership,
    seat_for,
    stand_for,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def test_writes_new_and_changed_numbers_with_who_when_and_why(cast):
    old = make_entry(cast.leads, 90)
    draft = make_import(cast.manager, *FILE)
    assert write(cast, draft) == [3]
    assert values() == [
        ("leads", "2026-W46", 80, ""),
        ("leads", "2026-W47", 91, "recounted"),
        ("appointments", "2026-W47", 27, ""),
    ]
    changed = WeeklyEntry.objects.get(pk=old.pk)
    assert (changed.version, changed.entered_by, changed.entered_for) == (
        2,
        cast.manager.user,
        cast.marketer,
    )
    assert (changed.entered_at, changed.reason) == (NOW, "Imported from numbers.csv")
    done = Import.objects.get()
    assert (done.done_at, done.done_by, bytes(done.cells)) == (NOW, cast.manager.user, b"")
    assert (done.new, done.changed) == (2, 1)


def test_every_number_keeps_its_history(cast):
    old = make_entry(cast.leads, 90)
    write(cast, make_import(cast.manager, *FILE), reason="From the old sheet.")
    rows = WeeklyEntry.history.filter(id=old.pk).order_by("history_id")
    assert [(row.history_type, row.value, row.version) for row in rows] == [
        ("+", 90, 1),
        ("~", 91, 2),
    ]
    last = rows.last()
    assert (last.history_user, last.history_date) == (cast.manager.user, NOW)
    assert (last.history_change_reason, last.reason) == ("From the old sheet.",) * 2
    assert WeeklyEntry.history.filter(history_type="+").count() == 3


def test_ones_own_number_needs_no_reason(cast):
    mine = make_kpi(cast.practice, "Google rating", unit="decimal")
    make_ownership(mine, cast.manager, BEGAN)
    write(cast, make_import(cast.manager, HEADER, [str(WEEK), "Google rating", 4.5, ""]))
    entry = WeeklyEntry.objects.get()
    assert (entry.value, entry.reason, entry.entered_for) == (Decimal("4.5"), "", None)


def test_the_same_file_twice_changes_nothing(cast):
    write(cast, make_import(cast.manager, *FILE))
    before = everything()
    again = make_import(cast.manager, *FILE)
    assert (again.unchanged, again.written) == (3, 0)
    assert refusal_of(write, cast, again) == importing.NOTHING
    assert everything() == before


def test_a_second_click_is_told_that_it_is_done(cast):
    draft = make_import(cast.manager, *FILE)
    write(cast, draft)
    assert refusal_of(write, cast, draft) == imports.NO_DRAFT


def test_what_cannot_be_imported_is_left_out_knowingly_or_nothing_is_written(cast):
    draft = make_import(cast.manager, *FILE, [str(WEEK), "Leads", 92, ""], ["soon", "Leads", 1, ""])
    assert draft.stopped == 3
    assert refusal_of(write, cast, draft) == importing.STOPPED
    assert write(cast, draft, leaves_out=True) == [2]
    assert [value for *_, value, _ in values()] == [80, 27]


def test_a_file_that_writes_nothing_is_refused(cast):
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", -1, ""])
    assert refusal_of(write, cast, draft, leaves_out=True) == importing.NOTHING


@pytest.mark.parametrize("meanwhile", [91, 90, 77])
def test_a_number_that_was_saved_meanwhile_stops_it_all(cast, meanwhile):
    make_entry(cast.leads, 90)
    draft = make_import(cast.manager, *FILE)
    entries.record(
        by=stand_for(cast.marketer, "leads"),
        week=WEEK,
        value=Decimal(meanwhile),
        note="mine",
        version=1,
        confirmed=True,
    )
    before = everything()
    with pytest.raises(PlanChanged):
        write(cast, draft)
    assert everything() == before
    assert Import.objects.get().is_draft


def test_a_week_that_was_closed_meanwhile_stops_it_all(cast):
    draft = make_import(cast.manager, *FILE)
    close_week(cast.manager)
    before = everything()
    with pytest.raises(PlanChanged):
        write(cast, draft)
    assert everything() == before


def test_whoever_goes_away_in_the_middle_has_written_nothing(cast, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    draft = make_import(cast.manager, *FILE)
    steps = importing.apply(by=seat_for(cast.manager), draft=draft, leaves_out=False, today=TODAY)
    assert next(steps) == 1
    assert WeeklyEntry.objects.exists()
    steps.close()
    assert not WeeklyEntry.objects.exists()
    assert Import.objects.get().is_draft


def test_tells_its_progress_batch_by_batch(cast, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    assert write(cast, make_import(cast.manager, *FILE)) == [2, 3]
    assert undo(cast, Import.objects.get()) == [2, 3]


# Closed weeks


def test_a_closed_week_is_corrected_and_stays_closed(cast):
    make_entry(cast.leads, 90)
    closed = close_week(cast.manager)
    queued = Message.objects.filter(kind="recap").count()
    write(
        cast,
        correct(cast, [str(WEEK), "Leads", 91, ""], [str(WEEK), "Appointments", 27, ""]),
    )
    leads, appointments = WeeklyEntry.objects.order_by("kpi_id")
    assert (leads.value, leads.is_corrected, leads.seen_value) == (91, True, 90)
    assert (appointments.value, appointments.is_corrected, appointments.seen_value) == (
        27,
        True,
        None,
    )
    assert leads.reason == appointments.reason == "The clinic's own books."
    meeting = Meeting.objects.get()
    assert (meeting.closed_at, meeting.closed_by) == (closed.closed_at, closed.closed_by)
    assert Message.objects.filter(kind="recap").count() == queued
    assert (meeting.reopened_at, meeting.reopened_by, meeting.reopened_because) == (
        NOW,
        cast.manager.user,
        "The clinic's own books.",
    )
    assert meeting.revision == closed.revision + 1
    with pytest.raises(ValidationError):
        make_entry(cast.patients, 5)


def test_only_the_closed_weeks_that_are_corrected_are_marked(cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    close_week(cast.manager, WEEK.previous)
    write(
        cast,
        correct(
            cast,
            [str(WEEK), "Leads", 90, ""],
            [str(WEEK.previous), "Leads", 80, ""],
            [str(WEEK.plus(-2)), "Leads", 70, ""],
        ),
    )
    marked = Meeting.objects.filter(reopened_at__isnull=False)
    assert [meeting.week for meeting in marked] == [WEEK.previous.monday]
    reasons = {row.week: row.reason for row in WeeklyEntry.objects.all()}
    assert reasons[WEEK.plus(-2).monday] == "Imported from numbers.csv"


def test_a_week_that_was_opened_again_is_corrected_as_by_hand(cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    write(cast, make_import(cast.manager, HEADER, [str(WEEK), "Leads", 91, ""]))
    entry = WeeklyEntry.objects.get()
    assert (entry.is_corrected, entry.seen_value) == (True, 90)
    assert Meeting.objects.get().reopened_because == "Counted twice."


# Who


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_only_a_manager_writes_and_undoes(cast, who):
    draft = make_import(cast.manager, *FILE)
    with pytest.raises(PermissionDenied):
        write(cast, draft, who=who)
    write(cast, draft)
    with pytest.raises(PermissionDenied):
        undo(cast, draft, who=who)
    assert WeeklyEntry.objects.count() == 3


def test_a_manager_next_door_finds_nothing_to_write_or_undo(cast):
    draft = make_import(cast.manager, *FILE)
    assert refusal_of(write, cast, draft, who="stranger") == imports.NO_DRAFT
    write(cast, draft)
    assert refusal_of(undo, cast, draft, who="stranger") == importing.NOT_DONE


# How much it takes


@pytest.mark.parametrize("weeks", [20, 60])
def test_the_same_statements_for_few_weeks_and_many(cast, django_assert_max_num_queries, weeks):
    """SQLite takes at most 999 values a statement, some 60 rows."""
    rows = [[str(week), "Leads", 5, ""] for week in WEEK.next.back(weeks)]
    draft = make_import(cast.manager, HEADER, *rows)
    with django_assert_max_num_queries(26):
        write(cast, draft)
    with django_assert_max_num_queries(26):
        undo(cast, draft)


def test_what_is_shown_is_what_is_written(cast):
    make_entry(cast.leads, 90)
    draft = make_import(cast.manager, *FILE)
    shown = {(line.slug, line.week): line.value for line in draft.planned() if line.is_written}
    write(cast, draft)
    assert {(slug, week): f"{value:.0f}" for slug, week, value, _ in values()} == shown
    assert {line.kind for line in draft.planned()} == {ImportOutcome.NEW, ImportOutcome.CHANGED}
