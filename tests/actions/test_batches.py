"""actions/batches.py: many numbers at once, all or none."""

from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import kpis, meetings
from funnel.actions.batches import Number, NumbersRefused, record_all
from funnel.actions.refusals import Closed, ConfirmationRequired, VersionConflict
from funnel.models import KPI, Meeting, Message, WeeklyEntry
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, make_webhook, seat_for, stand_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def number(person, slug, value, week=WEEK, **how):
    given = {"reason": "Set up", **how}
    return Number(by=stand_for(person, slug), week=week, value=Decimal(value), **given)


def stored():
    return sorted(WeeklyEntry.objects.values_list("kpi__slug", "week", "value"))


def record(*numbers):
    return record_all(by=numbers[0].by.seat, numbers=numbers)


def refusals(*numbers):
    with pytest.raises(NumbersRefused) as refusal:
        record(*numbers)
    return {place: type(why) for place, why in refusal.value.refusals.items()}


def test_saves_all_and_returns_them_in_the_order_they_came(cast):
    saved = record(
        number(cast.manager, "leads", 90),
        number(cast.manager, "appointments", 30, WEEK.previous),
        number(cast.manager, "leads", 80, WEEK.previous),
    )
    assert [entry.value for entry in saved] == [90, 30, 80]
    assert [entry.is_new for entry in saved] == [True] * 3
    assert stored() == [
        ("appointments", WEEK.previous.monday, 30),
        ("leads", WEEK.previous.monday, 80),
        ("leads", WEEK.monday, 90),
    ]


def test_the_same_again_changes_nothing(cast):
    numbers = [number(cast.manager, "leads", 90), number(cast.manager, "appointments", 30)]
    record(*numbers)
    history = WeeklyEntry.history.count()
    again = record(*numbers)
    assert [entry.is_new for entry in again] == [False, False]
    assert WeeklyEntry.history.count() == history


def test_one_that_is_refused_leaves_none_behind_and_each_says_why(cast):
    make_entry(cast.patients, 20)
    close_week(cast.manager, WEEK.plus(-2))
    before = stored()
    assert refusals(
        number(cast.manager, "leads", 90),
        number(cast.manager, "leads", "2.5", WEEK.previous),
        number(cast.manager, "leads", 90, WEEK.plus(-2)),
        number(cast.manager, "patients-acquired", 21),
        number(cast.member, "appointments", 20, WEEK.plus(-3)),
        number(cast.manager, "appointments", 200),
    ) == {
        1: ValidationError,
        2: Closed,
        3: VersionConflict,
        4: PermissionDenied,
        5: ConfirmationRequired,
    }
    assert stored() == before
    assert not Meeting.objects.filter(week=WEEK.previous.monday).exists()


def test_a_number_that_stands_there_twice_is_refused(cast):
    twice = [number(cast.manager, "leads", 90), number(cast.manager, "leads", 91)]
    with pytest.raises(NumbersRefused) as refusal:
        record(*twice)
    (why,) = refusal.value.refusals.values()
    assert why.message_dict == {"value": ["This number is in the batch twice: send it once."]}
    assert stored() == []


def test_none_at_all_is_no_error(cast):
    assert record_all(by=seat_for(cast.manager), numbers=[]) == []


def test_a_change_and_a_correction_are_kept_with_who_and_why(cast):
    make_entry(cast.leads, 90, WEEK.previous)
    make_entry(cast.leads, 80)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice")
    changed, corrected = record(
        number(cast.manager, "leads", 91, WEEK.previous, version=1, note="By phone"),
        number(cast.manager, "leads", 82, version=1, reason="Two more"),
    )
    assert (changed.version, changed.is_new, changed.is_corrected) == (2, False, False)
    stored = WeeklyEntry.objects.get(pk=corrected.pk)
    assert (stored.value, stored.version, stored.reason) == (82, 2, "Two more")
    assert (stored.is_corrected, stored.seen_value) == (True, 80)
    assert (stored.entered_by, stored.entered_for) == (cast.manager.user, cast.marketer)
    kept = [
        (row.value, row.history_user, row.history_change_reason)
        for row in WeeklyEntry.history.filter(id=corrected.pk).order_by("history_id")
    ]
    assert kept[1] == (82, cast.manager.user, "Two more")
    assert len(kept) == 2


def test_an_earlier_week_of_the_batch_counts_for_what_is_probable(cast):
    weeks = WEEK.next.back(6)
    assert refusals(
        *(number(cast.manager, "leads", 10, week) for week in weeks[:-1]),
        number(cast.manager, "leads", 900, weeks[-1]),
    ) == {5: ConfirmationRequired}
    usual = [number(cast.manager, "leads", 10, week) for week in weeks[:-1]]
    record(*usual, number(cast.manager, "leads", 900, weeks[-1], confirmed=True))
    assert len(stored()) == 6


def test_the_stage_before_is_that_of_the_week(cast):
    seat = seat_for(cast.admin)
    attended = KPI(
        practice=cast.practice,
        name="Attended",
        slug="attended",
        definition="Came in.",
        role=cast.appointments.role,
    )
    kpis.add(by=seat, kpi=attended, today=TODAY, is_stage=True, after=cast.appointments)
    running = WEEK.next
    record(
        number(cast.manager, "appointments", 30),
        number(cast.manager, "appointments", 30, running),
        number(cast.manager, "attended", 20, running),
        number(cast.manager, "patients-acquired", 25),
    )
    with pytest.raises(NumbersRefused) as refusal:
        record(number(cast.manager, "patients-acquired", 25, running))
    sentence = refusal.value.refusals[0].sentence
    assert "Patients acquired would be more than Attended (20)." in sentence


def test_another_program_is_told_of_each(cast):
    make_webhook(cast.admin)
    make_entry(cast.appointments, 30)
    Message.objects.all().delete()
    same = number(cast.manager, "appointments", 30)
    record(
        same,
        number(cast.manager, "leads", 90),
        number(cast.manager, "leads", 80, WEEK.previous),
    )
    assert Message.objects.count() == 2


@pytest.mark.parametrize("many", [1, 15])
def test_the_same_statements_for_one_and_many(cast, django_assert_num_queries, many):
    numbers = [number(cast.manager, "leads", 7, week) for week in WEEK.next.back(many)]
    with django_assert_num_queries(11):
        record(*numbers)
