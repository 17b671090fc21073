from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from funnel.access import seat_at
from funnel.actions import entries, kpis
from funnel.domain.weeks import Week
from funnel.models import Practice
from funnel.reports.entry.sheet import build_clash, build_entry_sheet, entry_week, said
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_ownership,
    make_target,
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


def sheet_for(person, week=WEEK, **how):
    return build_entry_sheet(seat_for(person), week, today=TODAY, **how)


def slugs(cards):
    return [card.slug for card in cards]


def the_card(person, week=WEEK):
    (card,) = sheet_for(person, week).cards
    return card


def record(person, value, slug="appointments", **how):
    return entries.record(by=stand_for(person, slug), week=WEEK, value=Decimal(value), **how)


# Ownership


def test_an_owner_sees_what_they_own(cast):
    card = the_card(cast.owner)
    assert (card.slug, card.name, card.owner, card.role) == (
        "appointments",
        "Appointments",
        "Maya",
        "Front desk",
    )
    assert (card.is_own, card.is_mine, card.is_missing) == (True, True, True)
    assert card.definition == cast.appointments.definition


def test_a_stand_in_sees_it_too_as_another_persons(cast):
    card = the_card(cast.stand_in)
    assert (card.slug, card.owner, card.is_own, card.is_mine) == (
        "appointments",
        "Maya",
        False,
        True,
    )


def test_a_stand_in_sees_nothing_once_their_days_are_over(cast):
    later = TODAY + timedelta(days=8)
    assert build_entry_sheet(seat_for(cast.stand_in), WEEK, today=later).cards == ()


def test_a_member_without_a_number_sees_none(cast):
    sheet = sheet_for(cast.member)
    assert (sheet.cards, sheet.next_missing, sheet.is_done) == ((), None, False)


def test_a_manager_sees_their_own_first_and_then_everybodys(cast):
    make_ownership(make_kpi(cast.practice, "Reviews"), cast.manager)
    sheet = sheet_for(cast.manager)
    assert slugs(sheet.mine) == ["reviews"]
    assert slugs(sheet.others) == ["leads", "appointments", "patients-acquired"]
    assert sheet.next_missing.slug == "reviews"


def test_a_superuser_without_a_place_sees_everybodys(cast):
    sheet = build_entry_sheet(seat_at(cast.superuser, cast.practice), WEEK, today=TODAY)
    assert len(sheet.others) == 3


def test_a_number_without_an_owner_says_so(cast):
    make_kpi(cast.practice, "Reviews")
    assert sheet_for(cast.manager).cards[-1].owner is None


def test_an_archived_kpi_is_shown_only_to_whoever_just_posted_it(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY, from_week=WEEK)
    assert "leads" not in slugs(sheet_for(cast.manager).cards)
    assert "leads" in slugs(sheet_for(cast.manager, posted="leads").cards)


def test_an_archived_kpi_waits_for_its_numbers_of_the_weeks_before(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY)
    assert "leads" in slugs(sheet_for(cast.manager).cards)


def test_nothing_of_another_practice_shows(cast):
    sheet = sheet_for(cast.stranger)
    assert sheet.practice_name == "Harbor Skin & Laser"
    make_entry(cast.leads, 90)
    assert all(card.is_missing for card in sheet_for(cast.stranger).cards)


# What to compare with


def test_a_new_number_has_nothing_to_compare_with(cast):
    card = the_card(cast.owner)
    assert (card.last_week, card.average, card.target, card.facts) == (None, None, None, ())


def test_compares_with_last_week_the_average_and_the_target_in_force(cast):
    make_entry(cast.appointments, 33, WEEK.previous)
    make_entry(cast.appointments, 40, WEEK.plus(-13))
    make_entry(cast.appointments, 9000, WEEK.plus(-14))
    make_entry(cast.appointments, 9000, WEEK.next)
    make_entry(cast.leads, 9000, WEEK.previous)
    make_target(cast.appointments, 40)
    make_target(cast.appointments, 99, WEEK.next)
    card = the_card(cast.owner)
    assert (card.last_week, card.average, card.target) == (33, Decimal("36.5"), 40)
    assert card.facts == (
        ("last week", "33"),
        ("13-week average", "36.5"),
        ("target", "40"),
    )


def test_this_weeks_number_takes_no_part_in_the_average(cast):
    make_entry(cast.appointments, 30, WEEK.previous)
    make_entry(cast.appointments, 50)
    assert the_card(cast.owner).average == 30


def test_money_is_compared_in_money(cast):
    revenue = make_kpi(cast.practice, "Revenue", "Doctor", unit="money")
    make_ownership(revenue, cast.member)
    make_entry(revenue, Decimal("9600.50"), WEEK.previous)
    card = the_card(cast.member)
    assert card.facts == (
        ("last week", "$9,600.50"),
        ("13-week average", "$9,600.50"),
    )
    assert (card.is_whole, card.noun) == (False, "")


# What is in


def test_shows_the_number_with_who_and_when(cast):
    record(cast.owner, 27, note="short week")
    entered = the_card(cast.owner).entered
    assert (entered.value, entered.note, entered.version) == (27, "short week", 1)
    assert (entered.by, entered.owner, entered.at) == ("Maya", None, timezone.now())


def test_shows_for_whom_it_was_entered(cast):
    record(cast.manager, 27, reason="Maya is ill")
    entered = the_card(cast.owner).entered
    assert (entered.by, entered.owner) == ("Ana", "Maya")


def test_names_a_superuser_by_their_address(cast):
    make_entry(cast.appointments, 27)
    assert the_card(cast.owner).entered.by == "root@example.com"


def test_names_people_as_this_practice_calls_them(cast):
    record(cast.owner, 27)
    harbor = cast.stranger.practice
    harbor.staff.create(user=cast.owner.user, name="Ms. Maya of Harbor")
    assert the_card(cast.owner).entered.by == "Maya"


def test_a_first_number_is_no_correction(cast):
    record(cast.owner, 27)
    assert the_card(cast.owner).corrections == ()


def test_shows_every_correction_the_latest_first(cast):
    record(cast.owner, 27)
    record(cast.stand_in, 28, version=1)
    record(cast.manager, 30, version=2, reason="two came by phone")
    record(cast.owner, 30, version=3, note="checked")
    last, second, first = the_card(cast.owner).corrections
    assert (first.old, first.new, first.by, first.reason) == ("27", "28", "Sam", "")
    assert (second.old, second.new, second.by) == ("28", "30", "Ana")
    assert (second.reason, second.at) == ("two came by phone", timezone.now())
    assert (last.old, last.new, last.is_note_only) == ("30", "30", True)
    assert (last.old_note, last.new_note, last.is_note_rewritten) == ("", "checked", True)
    assert (first.is_note_only, first.is_note_rewritten) == (False, False)


# The week


def test_the_next_missing_number_is_the_first_i_owe(cast):
    make_ownership(make_kpi(cast.practice, "Reviews", "Front desk"), cast.owner)
    assert sheet_for(cast.owner).next_missing.slug == "appointments"
    record(cast.owner, 27)
    assert sheet_for(cast.owner).next_missing.slug == "reviews"
    assert not sheet_for(cast.owner).is_done
    record(cast.owner, 0, slug="reviews")
    sheet = sheet_for(cast.owner)
    assert (sheet.next_missing, sheet.is_done) == (None, True)


def test_a_manager_who_owns_nothing_is_done_when_every_number_is_in(cast):
    for kpi, value in ((cast.leads, 90), (cast.appointments, 27)):
        make_entry(kpi, value)
    assert sheet_for(cast.manager).next_missing.slug == "patients-acquired"
    assert not sheet_for(cast.manager).is_done
    make_entry(cast.patients, 15)
    assert sheet_for(cast.manager).is_done


def test_a_closed_week_says_so_and_owes_nothing(cast):
    close_week(cast.manager)
    sheet = sheet_for(cast.owner)
    assert sheet.refusal == "This week is closed. A manager can reopen it, with a reason."
    assert sheet.next_missing is None
    assert sheet_for(cast.manager).refusal.startswith("This week is closed. You can reopen it")
    assert sheet_for(cast.owner, WEEK.previous).refusal == ""


def test_weeks_that_take_no_numbers_say_why(cast):
    cast.practice.began_on = WEEK.sunday
    cast.practice.save()
    assert sheet_for(cast.owner).refusal == ""
    assert sheet_for(cast.owner).previous is None
    assert (
        sheet_for(cast.owner, WEEK.previous).refusal
        == "Lumina Aesthetics had not started yet in this week."
    )
    assert sheet_for(cast.owner, WEEK.plus(2)).refusal == "This week has not started yet."


def test_the_running_week_is_the_last_one_to_turn_to(cast):
    reporting, running = sheet_for(cast.owner), sheet_for(cast.owner, WEEK.next)
    assert (reporting.previous, reporting.next) == (WEEK.previous, WEEK.next)
    assert (reporting.is_reporting, reporting.is_running) == (True, False)
    assert (running.is_reporting, running.is_running, running.next) == (False, True, None)


def test_opens_on_the_reporting_week_or_on_a_new_practices_first():
    old, new = Practice(began_on=WEEK.sunday), Practice(began_on=WEEK.next.monday)
    assert entry_week(old, TODAY) == WEEK
    assert entry_week(new, TODAY) == Week.running(TODAY)


# Words, and a clash


@pytest.mark.parametrize(
    ("name", "unit", "value", "words"),
    [
        ("Appointments", "count", 1234, "1,234 appointments"),
        ("Appointments", "count", 1, "Appointments: 1"),
        ("Appointments", "count", 0, "0 appointments"),
        ("NPS answers", "count", 5, "5 NPS answers"),
        ("Revenue", "money", 9600, "Revenue: $9,600"),
        ("Show rate", "percent", Decimal("12.5"), "Show rate: 12.5%"),
    ],
)
def test_says_a_number_in_words(cast, name, unit, value, words):
    kpi = cast.appointments
    kpi.name, kpi.unit = name, unit
    assert said(kpi, cast.practice, Decimal(value)) == words


def test_a_clash_shows_both_numbers_whose_and_when(cast):
    stored = record(cast.stand_in, 28, note="mine")
    clash = build_clash(stand_for(cast.owner, "appointments"), stored, Decimal(30))
    assert (clash.theirs_said, clash.mine_said) == ("28 appointments", "30 appointments")
    assert (clash.theirs.by, clash.theirs.owner, clash.theirs.at) == ("Sam", "Maya", timezone.now())
    assert (clash.theirs.note, clash.theirs.version, clash.by_myself) == ("mine", 1, False)
    assert build_clash(stand_for(cast.stand_in, "appointments"), stored, Decimal(30)).by_myself


# Cost


@pytest.mark.parametrize("kpi_count", [3, 15])
@pytest.mark.parametrize("weeks", [0, 20])
@pytest.mark.parametrize("is_corrected", [False, True])
def test_takes_four_queries_and_one_more_for_corrections(
    cast, django_assert_num_queries, kpi_count, weeks, is_corrected
):
    for number in range(kpi_count - 3):
        make_kpi(cast.practice, f"Number {number}")
    for back in range(weeks):
        make_entry(cast.leads, 90, WEEK.plus(-back))
    entry = make_entry(cast.appointments, 27)
    if is_corrected:
        make_entry(cast.appointments, 28, version=entry.version)
    seat = seat_for(cast.manager)
    with django_assert_num_queries(5 if is_corrected else 4):
        sheet = build_entry_sheet(seat, WEEK, today=TODAY)
    assert len(sheet.cards) == kpi_count
