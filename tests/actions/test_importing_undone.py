"""actions/importing.py: taking back what an import wrote, as a whole or not at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError

from funnel.actions import entries, importing, meetings
from funnel.models import Import, WeeklyEntry
from tests.actions.importing_steps import (
    FILE,
    HEADER,
    correct,
    refusal_of,
    undo,
    values,
    write,
)
from tests.cast import make_cast
from tests.factories import (
    WEEK,
    close_week,
    make_entry,
    make_import,
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


def test_undo_puts_everything_back_as_it_was(cast, clock):
    old = make_entry(cast.leads, 90, note="as told")
    before = WeeklyEntry.objects.filter(pk=old.pk).values().get()
    clock.shift(timedelta(minutes=5))
    write(cast, make_import(cast.manager, *FILE))
    clock.shift(timedelta(minutes=5))
    assert undo(cast, Import.objects.get(), who="admin") == [3]
    after = WeeklyEntry.objects.values().get()
    assert {**after, "version": 1} == before
    assert after["version"] == 3
    done = Import.objects.get()
    assert (done.undone_by, done.undone_at) == (cast.admin.user, NOW + timedelta(minutes=10))


def test_undo_keeps_in_the_history_what_happened(cast):
    make_entry(cast.leads, 90)
    write(cast, make_import(cast.manager, *FILE))
    undo(cast, Import.objects.get(), who="admin")
    last = WeeklyEntry.history.order_by("-history_id")[:3]
    assert sorted((row.history_type, row.value) for row in last) == [
        ("-", 27),
        ("-", 80),
        ("~", 90),
    ]
    assert {row.history_change_reason for row in last} == {"Import of numbers.csv undone"}
    assert {row.history_user for row in last} == {cast.admin.user}


def test_undo_of_a_number_without_history_puts_its_value_back(cast):
    old = make_entry(cast.leads, 90, note="as told")
    WeeklyEntry.history.all().delete()
    write(cast, make_import(cast.manager, *FILE))
    WeeklyEntry.history.all().delete()
    undo(cast, Import.objects.get())
    entry = WeeklyEntry.objects.get(pk=old.pk)
    assert (entry.value, entry.note, entry.reason) == (
        90,
        "as told",
        "Import of numbers.csv undone",
    )


def test_after_an_undo_the_same_file_is_new_again(cast):
    write(cast, make_import(cast.manager, *FILE))
    undo(cast, Import.objects.get())
    again = make_import(cast.manager, *FILE)
    assert again.new == 3
    assert write(cast, again) == [3]


def test_imports_are_undone_one_after_the_other(cast):
    write(cast, make_import(cast.manager, HEADER, [str(WEEK), "Leads", 90, ""]))
    write(cast, make_import(cast.manager, HEADER, [str(WEEK), "Leads", 91, ""]))
    second, first = Import.objects.all()
    assert "Changed since the import: Leads" in refusal_of(undo, cast, first)
    undo(cast, second)
    assert values() == [("leads", "2026-W47", 90, "")]
    undo(cast, first)
    assert values() == []


@pytest.mark.parametrize("change", [{"value": 99}, {"value": 91, "note": "mine"}])
def test_a_number_that_was_changed_since_is_not_taken_back_and_is_named(cast, change):
    write(cast, make_import(cast.manager, *FILE))
    entry = WeeklyEntry.objects.get(kpi=cast.leads, week=WEEK.monday)
    make_entry(cast.leads, version=entry.version, **change)
    assert refusal_of(undo, cast, Import.objects.get()) == (
        "Changed since the import: Leads of Nov 16 – 22, 2026. Nothing was undone."
    )
    assert not Import.objects.get().is_undone


def test_what_its_owner_has_entered_since_is_theirs_though_it_is_the_same(cast, clock):
    write(cast, make_import(cast.manager, HEADER, [str(WEEK), "Leads", 95, ""]))
    clock.shift(60)
    for version, value in ((1, 80), (2, 95)):
        entries.record(
            by=stand_for(cast.marketer, "leads"),
            week=WEEK,
            value=Decimal(value),
            version=version,
            confirmed=True,
        )
    with pytest.raises(ValidationError, match="Changed since the import: Leads of"):
        undo(cast, Import.objects.get())
    assert WeeklyEntry.objects.get().entered_by == cast.marketer.user


def test_names_no_more_than_a_few(cast):
    rows = [[str(week), "Leads", 5, ""] for week in WEEK.next.back(8)]
    write(cast, make_import(cast.manager, HEADER, *rows))
    WeeklyEntry.objects.update(value=6)
    sentence = refusal_of(undo, cast, Import.objects.get())
    assert sentence.count("Leads of") == 5
    assert "and 3 more. Nothing was undone." in sentence


@pytest.mark.parametrize("is_open_again", [False, True])
def test_a_week_that_was_closed_since_is_not_taken_back(cast, clock, is_open_again):
    write(cast, make_import(cast.manager, *FILE))
    clock.shift(timedelta(minutes=5))
    close_week(cast.manager)
    if is_open_again:
        meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    assert refusal_of(undo, cast, Import.objects.get()) == (
        "The week of Nov 16 – 22, 2026 was closed since the import. Nothing was undone."
    )


def test_undo_of_a_correction_of_a_closed_week_is_no_correction_any_more(cast, clock):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    clock.shift(timedelta(minutes=5))
    write(cast, correct(cast, [str(WEEK), "Leads", 91, ""], [str(WEEK), "Appointments", 27, ""]))
    undo(cast, Import.objects.get())
    entry = WeeklyEntry.objects.get()
    assert (entry.value, entry.is_corrected, entry.seen_value) == (90, False, None)


@pytest.mark.parametrize("draft", [True, False], ids=["a draft", "undone"])
def test_only_what_was_written_is_undone(cast, draft):
    imported = make_import(cast.manager, *FILE)
    if not draft:
        write(cast, imported)
        undo(cast, imported)
    assert refusal_of(undo, cast, imported) == importing.NOT_DONE
