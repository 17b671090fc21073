"""reports/missing.py: who owes which number, and what managers see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funnel.actions import meetings, ownership
from funnel.models import KPI, Practice, Reminder, Staff, StandIn, User
from funnel.reports.entry.missing import MissingEntry, UnreportedKPI, build_missing
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_ownership,
    make_staff,
    make_stand_in,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def cast():
    """Without the cast's substitute: Maya is there."""
    cast = make_cast()
    StandIn.objects.all().delete()
    return cast


def missing(cast, week=WEEK, today=TODAY):
    return build_missing(Practice.objects.get(pk=cast.practice.pk), week, today=today)


def owing(cast, **how):
    """By name, the slugs of what each owes."""
    found = missing(cast, **how).owing
    return {reader.name: [owed.slug for owed in reader.owed] for reader in found}


def unowned(cast):
    return [gap.name for gap in missing(cast).unowned]


def test_each_owner_owes_what_is_not_in(cast):
    make_entry(cast.leads, 90)
    make_entry(cast.appointments, 27, WEEK.previous)
    assert owing(cast) == {"Maya": ["appointments"], "Dana": ["patients-acquired"]}


def test_says_who_it_is_and_what_the_link_needs(cast):
    make_kpi(cast.practice, "Reviews", "Front desk")
    reviews = KPI.objects.get(slug="reviews")
    held = make_ownership(reviews, cast.owner)
    (maya,) = [reader for reader in missing(cast).owing if reader.name == "Maya"]
    assert (maya.staff_id, maya.address) == (cast.owner.pk, "maya@lumina.example")
    assert (maya.wish, maya.told) == ("both", frozenset())
    assert [owed.slug for owed in maya.owed] == ["appointments", "reviews"]
    holding = (held.pk, cast.owner.pk)
    assert maya.owed[1] == MissingEntry(reviews.pk, "reviews", "Reviews", holding, None)


def test_a_stand_in_owes_it_while_the_owner_is_away_and_not_a_day_longer(cast):
    make_stand_in(cast.appointments, cast.stand_in, TODAY, TODAY)
    assert owing(cast)["Sam"] == ["appointments"]
    assert "Maya" not in owing(cast)
    (sam,) = [reader for reader in missing(cast).owing if reader.name == "Sam"]
    assert sam.owed[0].stands_in_for == "Maya"
    for day in (YESTERDAY, TODAY + timedelta(days=1)):
        assert owing(cast, today=day)["Maya"] == ["appointments"]
        assert "Sam" not in owing(cast, today=day)


def test_an_owner_with_a_stand_in_for_one_number_owes_the_others(cast):
    reviews = make_kpi(cast.practice, "Reviews", "Front desk")
    make_ownership(reviews, cast.owner)
    make_stand_in(cast.appointments, cast.stand_in, TODAY, TODAY)
    assert owing(cast)["Maya"] == ["reviews"]
    assert owing(cast)["Sam"] == ["appointments"]


def test_two_who_stand_in_are_both_asked_and_twice_the_same_once(cast):
    for person in (cast.stand_in, cast.member, cast.stand_in):
        make_stand_in(cast.appointments, person, TODAY, TODAY)
    assert owing(cast)["Sam"] == owing(cast)["Lee"] == ["appointments"]
    (gap,) = [gap for gap in missing(cast).missing if gap.name == "Appointments"]
    assert gap.waiting_for == ("Lee", "Sam")


def leave(person):
    Staff.objects.filter(pk=person.pk).update(is_active=False)


def lose_the_login(person):
    User.objects.filter(pk=person.user_id).update(is_active=False)


def only_look(person):
    Staff.objects.filter(pk=person.pk).update(access=Staff.Access.VIEWER)


@pytest.mark.parametrize("end", [leave, lose_the_login, only_look])
def test_whoever_may_no_longer_enter_owes_nothing_and_the_managers_read_it(cast, end):
    end(cast.owner)
    assert "Maya" not in owing(cast)
    assert UnreportedKPI("Appointments", "Front desk", "Maya", ()) in missing(cast).missing


@pytest.mark.parametrize("end", [leave, lose_the_login, only_look])
def test_a_stand_in_who_may_not_enter_leaves_it_to_the_owner(cast, end):
    make_stand_in(cast.appointments, cast.stand_in, TODAY, TODAY)
    end(cast.stand_in)
    assert owing(cast)["Maya"] == ["appointments"]


def test_the_owner_of_the_day_owes_it(cast):
    make_ownership(cast.leads, cast.marketer, TODAY)
    tina = make_staff(cast.practice, "Tina", "Marketing")
    make_ownership(cast.leads, tina, TODAY + timedelta(days=1))
    assert owing(cast)["Tom"] == ["leads"]
    tomorrow = owing(cast, today=TODAY + timedelta(days=1))
    assert tomorrow["Tina"] == ["leads"]
    assert "Tom" not in tomorrow


def test_a_kpi_of_nobodys_is_owed_by_nobody_and_named_whether_its_number_is_in_or_not(cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=YESTERDAY)
    assert missing(cast).unowned == (UnreportedKPI("Leads", "Marketing", None, ()),)
    assert ["leads"] not in owing(cast).values()
    assert "Leads" not in [gap.name for gap in missing(cast).missing]
    make_entry(cast.leads, 90)
    assert unowned(cast) == ["Leads"]


def test_whoever_stands_in_for_nobody_is_asked_and_it_stays_unowned(cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=YESTERDAY)
    make_stand_in(cast.leads, cast.member, TODAY, TODAY)
    (lee,) = [reader for reader in missing(cast).owing if reader.name == "Lee"]
    assert (lee.owed[0].holding, lee.owed[0].stands_in_for) == (None, None)
    assert missing(cast).unowned == (UnreportedKPI("Leads", "Marketing", None, ("Lee",)),)


def test_calculated_and_archived_kpis_never_nag_anybody(cast):
    make_kpi(
        cast.practice,
        "Leads a patient",
        unit=KPI.Unit.DECIMAL,
        calculation=KPI.Calculation.RATIO,
        source=cast.leads,
        divisor=cast.patients,
    )
    old = make_kpi(cast.practice, "Old", "Front desk")
    make_ownership(old, cast.owner)
    now = timezone.now()
    KPI.objects.filter(pk=old.pk).update(archived_at=now, archived_by=cast.superuser)
    found = missing(cast)
    assert owing(cast)["Maya"] == ["appointments"]
    assert len(found.missing) == 3
    assert found.unowned == ()


def test_managers_and_admins_are_told_of_what_is_missing(cast):
    found = missing(cast)
    assert [reader.name for reader in found.managers] == ["Ada", "Ana"]
    assert [reader.owed for reader in found.managers] == [(), ()]
    assert found.missing[0] == UnreportedKPI("Leads", "Marketing", "Tom", ("Tom",))


def test_a_manager_who_has_left_is_told_nothing(cast):
    leave(cast.manager)
    assert [reader.name for reader in missing(cast).managers] == ["Ada"]


def is_empty(found):
    return (found.owing, found.managers, found.missing, found.unowned) == ((), (), (), ())


def test_nobody_is_told_of_nothing(cast):
    for kpi in (cast.leads, cast.appointments, cast.patients):
        make_entry(kpi, 9)
    assert is_empty(missing(cast))


def test_nothing_once_the_meeting_has_begun_or_is_closed(cast):
    meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
    assert is_empty(missing(cast))


def test_nothing_of_a_closed_week_and_again_when_it_was_opened(cast):
    close_week(cast.manager)
    assert is_empty(missing(cast))
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="To look.")
    assert not is_empty(missing(cast))


def test_nothing_of_a_week_before_the_practice_began(cast):
    Practice.objects.filter(pk=cast.practice.pk).update(began_on=WEEK.next.monday)
    assert is_empty(missing(cast))
    Practice.objects.filter(pk=cast.practice.pk).update(began_on=WEEK.sunday)
    assert not is_empty(missing(cast))


def test_says_what_each_has_been_told_of_that_week(cast):
    for week, kind in ((WEEK, "first"), (WEEK, "second"), (WEEK.previous, "managers")):
        Reminder.objects.create(
            staff=cast.owner, week=week.monday, kind=kind, mailed=timezone.now()
        )
    told = {reader.name: reader.told for reader in missing(cast).owing}
    assert told["Maya"] == {"first", "second"}
    assert told["Tom"] == frozenset()


def test_nothing_of_another_practice(cast):
    harbor = cast.stranger.practice
    leads = harbor.kpis.get(slug="leads")
    make_ownership(leads, make_staff(harbor, "Hazel", "Marketing"))
    assert "Hazel" not in owing(cast)
    found = build_missing(harbor, WEEK, today=TODAY)
    assert [reader.name for reader in found.owing] == ["Hazel"]
    assert [reader.name for reader in found.managers] == ["Hal"]


def measured(practice):
    with CaptureQueriesContext(connection) as captured:
        found = build_missing(practice, WEEK, today=TODAY)
    return len(captured), len(found.missing)


def test_six_statements_for_3_numbers_and_for_13(cast):
    make_stand_in(cast.appointments, cast.stand_in, TODAY, TODAY)
    practice = Practice.objects.get(pk=cast.practice.pk)
    assert measured(practice) == (6, 3)
    for number in range(10):
        kpi = make_kpi(practice, f"Number {number}", "Front desk")
        person = make_staff(practice, f"Person{number}", "Front desk", access="manager")
        make_ownership(kpi, person)
        make_stand_in(kpi, cast.member, TODAY, TODAY)
    assert measured(practice) == (6, 13)
