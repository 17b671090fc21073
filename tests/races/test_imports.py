"""A file is imported while someone saves a number of one of its weeks, or closes one, or another
file is imported."""

import threading
from decimal import Decimal

import pytest
import time_machine

from funnel.actions import entries, importing, imports, meetings
from funnel.actions.importing import PlanChanged
from funnel.models import Import, Meeting, WeeklyEntry
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_import,
    seat_for,
    stand_for,
)
from tests.races.rendezvous import BOUND, PATIENCE, at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z"):
        yield


@pytest.fixture
def cast():
    made = make_cast()
    make_entry(made.leads, 90)
    return made


def apply(cast, draft):
    by = seat_for(cast.manager)
    return lambda: list(importing.apply(by=by, draft=draft, leaves_out=False, today=TODAY))


def file_of(cast, *rows, who="manager"):
    return make_import(getattr(cast, who), ["Week", "KPI", "Value"], *rows)


def import_while(cast, monkeypatch, other):
    """What importing came to while the other happens right after the import has looked at what is
    in, and right before it writes."""
    looked, happened = threading.Event(), threading.Event()
    real = importing._write

    def write(*args):
        looked.set()
        happened.wait(PATIENCE)
        return real(*args)

    monkeypatch.setattr(importing, "_write", write)

    def then():
        assert looked.wait(BOUND)
        try:
            return other()
        finally:
            happened.set()

    return at_once(apply(cast, file_of(cast, [str(WEEK), "Leads", 95])), then)


def save(cast):
    stand = stand_for(cast.marketer, "leads")
    return lambda: entries.record(by=stand, week=WEEK, value=Decimal(77), version=1)


def versions():
    rows = WeeklyEntry.history.order_by("history_id")
    return list(rows.values_list("version", "value"))


def test_who_saves_waits_for_the_import_and_is_asked(cast, monkeypatch):
    imported, refused = import_while(cast, monkeypatch, save(cast))
    assert imported == [1]
    assert isinstance(refused, entries.VersionConflict)
    assert refused.stored.value == 95
    assert versions() == [(1, 90), (2, 95)]


def test_without_locks_a_number_is_overwritten_unseen(cast, monkeypatch):
    without_locks(monkeypatch)
    imported, saved = import_while(cast, monkeypatch, save(cast))
    assert imported == [1]
    assert saved.value == 77
    assert versions() == [(1, 90), (2, 77), (3, 95)]


def test_closing_waits_for_the_import(cast, monkeypatch):
    seat = cast.manager
    import_while(cast, monkeypatch, lambda: close_week(seat))
    assert WeeklyEntry.objects.get().entered_at <= Meeting.objects.get().closed_at


def test_without_locks_an_import_gets_into_a_closed_week(cast, monkeypatch):
    without_locks(monkeypatch)
    seat = cast.manager
    imported, _ = import_while(cast, monkeypatch, lambda: close_week(seat))
    assert imported == [1]
    assert WeeklyEntry.history.order_by("history_id").last().value == 95
    closed_at = Meeting.objects.get().closed_at
    assert not WeeklyEntry.objects.get().is_corrected
    assert Import.objects.get().done_at <= closed_at


def test_a_second_click_writes_nothing(cast, monkeypatch):
    draft = file_of(cast, [str(WEEK), "Leads", 95])
    meet_before(monkeypatch, (importing, "_write"))
    outcomes = at_once(apply(cast, draft), apply(cast, draft))
    assert [1] in outcomes
    (refused,) = [outcome for outcome in outcomes if outcome != [1]]
    assert refused.messages == [imports.NO_DRAFT]
    assert versions() == [(1, 90), (2, 95)]


def test_two_files_of_the_same_weeks_wait_for_each_other(cast, monkeypatch):
    weeks = [str(week) for week in WEEK.next.back(6)]
    up = file_of(cast, *([week, "Appointments", 5] for week in weeks))
    down = file_of(cast, *([week, "Appointments", 6] for week in reversed(weeks)), who="admin")
    meet_before(monkeypatch, (meetings.Meeting.objects, "bulk_create"))
    outcomes = at_once(apply(cast, up), apply(cast, down))
    assert [6] in outcomes
    assert [type(outcome) for outcome in outcomes if outcome != [6]] == [PlanChanged]
    assert WeeklyEntry.objects.filter(kpi=cast.appointments).count() == 6
    assert len(set(WeeklyEntry.objects.filter(kpi=cast.appointments).values_list("value"))) == 1
