from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import entries, kpis, meetings
from funnel.actions.refusals import ConfirmationRequired, VersionConflict
from funnel.domain import numbers
from funnel.models import WeeklyEntry
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_ownership,
    root_seat,
    seat_for,
    stand_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def record(person, value, *, kpi="appointments", week=WEEK, **how):
    return entries.record(by=stand_for(person, kpi), week=week, value=Decimal(value), **how)


def refusal_of(person, value, **how):
    """The refusal as (field, sentence), after making sure that nothing was saved."""
    before = list(WeeklyEntry.history.values_list("history_id"))
    with pytest.raises(ValidationError) as refused:
        record(person, value, **how)
    assert list(WeeklyEntry.history.values_list("history_id")) == before
    ((field, sentences),) = refused.value.message_dict.items()
    return field, *sentences


def test_saves_the_number_with_who_and_when(cast):
    entry = record(cast.owner, 27, note="  short week ")
    stored = WeeklyEntry.objects.get()
    assert stored == entry
    assert (stored.value, stored.note, stored.version) == (27, "short week", 1)
    assert (stored.practice, stored.kpi, stored.week) == (
        cast.practice,
        cast.appointments,
        WEEK.monday,
    )
    assert (stored.entered_by, stored.entered_at) == (cast.owner.user, timezone.now())
    assert (stored.entered_for, stored.reason) == (None, "")


def test_zero_is_a_number(cast):
    assert record(cast.owner, 0).value == 0


def test_a_stand_in_enters_for_the_owner_without_a_reason(cast):
    entry = record(cast.stand_in, 27)
    assert (entry.entered_by, entry.entered_for) == (cast.stand_in.user, cast.owner)


def test_a_manager_enters_for_the_owner_and_the_reason_is_kept(cast):
    reason = "Maya is ill. " * 12
    entry = record(cast.manager, 27, reason=reason)
    assert (entry.entered_for, entry.reason) == (cast.owner, reason.strip())
    past = WeeklyEntry.history.get()
    assert past.reason == reason.strip()
    assert reason.startswith(past.history_change_reason)
    assert past.history_user == cast.manager.user


def test_a_reason_is_not_kept_where_none_is_due(cast):
    assert record(cast.owner, 27, reason="because").reason == ""


def test_a_manager_who_owns_the_number_needs_no_reason(cast):
    make_ownership(make_kpi(cast.practice, "Reviews"), cast.manager)
    entry = record(cast.manager, 5, kpi="reviews")
    assert (entry.reason, entry.entered_for) == ("", None)


def test_an_unowned_number_is_entered_for_nobody(cast):
    make_kpi(cast.practice, "Reviews")
    assert record(cast.manager, 5, kpi="reviews", reason="no owner").entered_for is None


@pytest.mark.parametrize("who", ["member", "viewer", "marketer"])
def test_refuses_whoever_is_not_owner_stand_in_or_manager(cast, who):
    with pytest.raises(PermissionDenied):
        record(getattr(cast, who), 27, reason="please")
    assert not WeeklyEntry.objects.exists()


def test_refuses_a_stand_in_after_their_last_day(cast):
    day = TODAY.replace(month=12, day=2)
    standing = stand_for(cast.stand_in, "appointments", day)
    with pytest.raises(PermissionDenied):
        entries.record(by=standing, week=WEEK, value=Decimal(27))


def test_refuses_a_manager_without_a_reason(cast):
    field, sentence = refusal_of(cast.manager, 27, reason="  ")
    assert (field, sentence) == ("reason", "Enter the reason why you enter it for the owner.")


def test_refuses_a_future_week(cast):
    assert refusal_of(cast.owner, 27, week=WEEK.plus(2)) == (
        "value",
        "This week has not started yet.",
    )


def test_takes_the_running_week(cast):
    assert record(cast.owner, 27, week=WEEK.next).week == WEEK.next.monday


def test_refuses_a_week_that_ended_before_the_practice_began(cast):
    cast.practice.began_on = WEEK.next.monday
    cast.practice.save()
    assert refusal_of(cast.owner, 27) == (
        "value",
        "Lumina Aesthetics had not started yet in this week.",
    )
    cast.practice.began_on = WEEK.sunday
    cast.practice.save()
    assert record(cast.owner, 27).value == 27


def test_refuses_an_archived_kpi(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.appointments, today=TODAY, from_week=WEEK)
    assert refusal_of(cast.manager, 27, reason="late") == (
        "value",
        "Appointments is archived: no numbers can be entered.",
    )


def test_takes_the_number_of_a_week_in_which_an_archived_kpi_was_reviewed(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.appointments, today=TODAY)
    assert record(cast.manager, 27, reason="Dana is ill.").value == 27


def test_refuses_half_an_appointment(cast):
    assert refusal_of(cast.owner, "27.5") == (
        "value",
        "Appointments is a count: enter a whole number.",
    )


def test_takes_two_decimals_of_money(cast):
    make_ownership(make_kpi(cast.practice, "Revenue", unit="money"), cast.manager)
    record(cast.manager, "1234.56", kpi="revenue")
    assert WeeklyEntry.objects.get().value == Decimal("1234.56")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("-1", numbers.NEGATIVE),
        ("1000000000", numbers.TOO_LARGE),
        ("NaN", numbers.NOT_A_NUMBER),
        ("Infinity", numbers.NOT_A_NUMBER),
    ],
)
def test_refuses_what_no_form_would_send(cast, value, sentence):
    assert refusal_of(cast.owner, value, confirmed=True) == ("value", sentence)


def test_takes_the_largest_number_there_is(cast):
    assert record(cast.owner, numbers.MAX_VALUE).value == 999_999_999


def test_refuses_a_closed_week_until_it_is_reopened(cast):
    seat = seat_for(cast.manager)
    record(cast.owner, 27)
    meetings.close(by=seat, week=WEEK, today=TODAY, seen=dict)
    for person in (cast.owner, cast.manager):
        field, sentence = refusal_of(person, 30, version=1, reason="late")
        assert (field, sentence) == (
            "value",
            "This week is closed. A manager can reopen it, with a reason.",
        )
    assert WeeklyEntry.objects.get().value == 27
    meetings.reopen(by=seat, week=WEEK, reason="counted twice")
    assert record(cast.owner, 30, version=1).value == 30


def test_a_correction_leaves_who_when_old_and_new(cast):
    record(cast.owner, 27)
    with time_machine.travel("2026-11-24T16:30Z", tick=False):
        record(cast.manager, 30, version=1, reason="two came by phone")
        new, old = WeeklyEntry.history.all()
        assert new.history_date == timezone.now() == new.entered_at
    assert (old.value, new.value) == (27, 30)
    assert (old.history_user, new.history_user) == (cast.owner.user, cast.manager.user)
    assert (old.history_change_reason, new.history_change_reason) == (None, "two came by phone")
    assert (new.version, new.entered_for) == (2, cast.owner)
    assert WeeklyEntry.objects.get().version == 2


def test_the_same_number_twice_is_saved_once(cast):
    first = record(cast.owner, 27, note="ok")
    second = record(cast.owner, 27, note="ok")
    assert (second.pk, second.version) == (first.pk, 1)
    assert WeeklyEntry.history.count() == 1


@pytest.mark.parametrize("version", [None, 0, 1, 3])
def test_refuses_a_correction_of_another_version_than_the_stored(cast, version):
    record(cast.owner, 27)
    record(cast.stand_in, 28, version=1)
    with pytest.raises(VersionConflict) as refused:
        record(cast.owner, 30, version=version)
    assert refused.value.stored.value == 28
    assert refused.value.stored.entered_by == cast.stand_in.user
    assert WeeklyEntry.objects.get().value == 28
    assert WeeklyEntry.history.count() == 2


def test_corrects_the_version_it_was_shown(cast):
    record(cast.owner, 27)
    assert record(cast.owner, 30, version=1).version == 2


def weeks_of(kpi, *values):
    """Numbers of the weeks before the reporting week, the latest last."""
    for back, value in enumerate(reversed(values), start=1):
        make_entry(kpi, value, WEEK.plus(-back))


@pytest.mark.parametrize("value", [30, 270, 90])
def test_saves_without_a_question_what_is_usual(cast, value):
    weeks_of(cast.appointments, 90, 90)
    assert record(cast.owner, value).value == value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (271, "That is more than 3 times the usual 90 a week. Is 271 right?"),
        (29, "That is less than a third of the usual 90 a week. Is 29 right?"),
    ],
)
def test_asks_before_it_saves_an_improbable_number(cast, value, sentence):
    weeks_of(cast.appointments, 80, 100)
    with pytest.raises(ConfirmationRequired) as asked:
        record(cast.owner, value)
    assert asked.value.sentence == sentence
    assert not WeeklyEntry.objects.filter(week=WEEK.monday).exists()
    assert record(cast.owner, value, confirmed=True).value == value


def test_asks_about_more_than_the_stage_before(cast):
    make_entry(cast.leads, 20)
    with pytest.raises(ConfirmationRequired, match=r"Appointments would be more than Leads \(20\)"):
        record(cast.owner, 21)
    assert record(cast.owner, 20).value == 20


def test_the_usual_is_that_of_the_thirteen_weeks_before(cast):
    weeks_of(cast.appointments, 9000, *[10] * 13)
    make_entry(cast.appointments, 9000, WEEK.next)
    with pytest.raises(ConfirmationRequired, match="the usual 10 a week"):
        record(cast.owner, 31)


def test_doubts_money_in_the_words_of_money(cast):
    revenue = make_kpi(cast.practice, "Revenue", unit="money")
    make_ownership(revenue, cast.manager)
    weeks_of(revenue, 100)
    with pytest.raises(
        ConfirmationRequired, match=r"the usual \$100 a week\. Is \$900\.50 right\?"
    ):
        record(cast.manager, "900.50", kpi="revenue")


def test_asks_only_about_a_number_that_changes(cast):
    weeks_of(cast.appointments, 10)
    record(cast.owner, 99, confirmed=True)
    assert record(cast.owner, 99, note="open day", version=1).note == "open day"
    with pytest.raises(ConfirmationRequired):
        record(cast.owner, 98, note="open day", version=2)


@pytest.mark.parametrize(("is_first", "most"), [(True, 9), (False, 7)])
def test_takes_few_statements(cast, django_assert_max_num_queries, is_first, most):
    weeks_of(cast.appointments, 20, 30)
    if not is_first:
        make_entry(cast.leads, 100)
    standing = stand_for(cast.owner, "appointments")
    with django_assert_max_num_queries(most):
        entries.record(by=standing, week=WEEK, value=Decimal(27))
