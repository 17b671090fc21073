"""models/kpi.py: which numbers, and who answers for them."""

from datetime import date

import pytest

from funnel.actions import kpis, ownership
from funnel.domain.weeks import Week
from funnel.models import KPI, Ownership
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    close_week,
    make_kpi,
    make_ownership,
    make_target,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

TOTAL = {"calculation": "total", "window": 4}


@pytest.fixture
def cast():
    return make_cast()


def assigned(kpi, day=TODAY, **how):
    (one,) = KPI.objects.filter(pk=kpi.pk).assigned(day, **how)
    return one


def test_stages_come_first_and_then_the_numbers_outside_the_funnel(cast):
    make_kpi(cast.practice, "Revenue", unit="money")
    make_kpi(cast.practice, "Reviews")
    in_order = cast.practice.kpis.in_order().values_list("slug", flat=True)
    assert list(in_order) == ["leads", "appointments", "patients-acquired", "revenue", "reviews"]


def test_an_archived_kpi_is_not_active(cast):
    kpis.archive(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    assert cast.leads not in cast.practice.kpis.active()
    assert cast.leads in cast.practice.kpis.all()


def test_the_owner_of_a_day_comes_along_without_a_further_query(cast, django_assert_num_queries):
    make_ownership(cast.appointments, cast.stand_in, date(2026, 11, 30))
    with django_assert_num_queries(1):
        now = assigned(cast.appointments)
        assert (now.owner.name, now.kpi.role.name) == ("Maya", "Front desk")
    assert assigned(cast.appointments, date(2026, 11, 30)).owner == cast.stand_in


def test_a_kpi_without_an_owner_is_there_and_nobodys(cast):
    ownership.end(by=seat_for(cast.admin), kpi=cast.leads, ends_on=date(2026, 11, 23))
    unowned = assigned(cast.leads)
    assert (unowned.ownership, unowned.owner) == (None, None)


def test_kpis_joined_to_their_owner_are_filtered_by_the_ownership_of_the_day(cast):
    def names(day):
        joined = KPI.objects.filter(pk=cast.leads.pk).joined_to_owner(day)
        assert all("holding" not in vars(kpi) for kpi in joined)
        return list(joined.values_list("holding__staff__name", flat=True))

    ownership.end(by=seat_for(cast.admin), kpi=cast.leads, ends_on=TODAY)
    assert [names(day) for day in (BEGAN, TODAY, date(2026, 11, 25))] == [["Tom"], ["Tom"], [None]]


def test_a_calculated_kpi_comes_with_its_parts_in_one_query(cast, django_assert_num_queries):
    make_kpi(
        cast.practice,
        "Leads per appointment",
        unit="decimal",
        calculation="ratio",
        source=cast.leads,
        divisor=cast.appointments,
    )
    make_kpi(cast.practice, "Leads of 4 weeks", **TOTAL, source=cast.leads)
    with django_assert_num_queries(1):
        parts = [list(kpi.parts.values()) for kpi in cast.practice.kpis.with_parts().order_by("pk")]
    assert parts == [[], [], [], [cast.leads, cast.appointments], [cast.leads]]


def test_of_a_week_it_is_closed_in_its_own_practice(cast):
    close_week(cast.manager)
    theirs = cast.stranger.practice.kpis.get(slug="leads")
    assert assigned(cast.leads, week=WEEK.monday).is_closed
    assert not assigned(cast.leads, week=WEEK.next.monday).is_closed
    assert not assigned(theirs, week=WEEK.monday).is_closed


def test_of_a_week_a_target_of_zero_is_a_target(cast):
    make_target(cast.leads, 0)
    assert assigned(cast.leads, week=WEEK.monday).target == 0
    assert assigned(cast.appointments, week=WEEK.monday).target is None


def test_of_a_week_the_stage_is_that_of_its_lineup(cast):
    make_kpi(cast.practice, "Visits", stage=1, from_week=WEEK.next)
    stages = [assigned(cast.leads, week=week.monday).stage for week in (WEEK, WEEK.next)]
    assert stages == [1, 2]
    reviews = make_kpi(cast.practice, "Reviews")
    assert assigned(reviews, week=WEEK.next.monday).stage is None


def test_without_a_week_nothing_of_one_is_known(cast):
    make_target(cast.leads, 7)
    bare = assigned(cast.leads)
    assert (bare.target, bare.stage, bare.is_closed) == (None, None, False)


def test_a_superuser_without_a_place_stands_in_for_nobody(cast):
    assert assigned(cast.appointments, staff=cast.stand_in).stands_in
    assert not assigned(cast.appointments, staff=None).stands_in
    assert not assigned(cast.leads, staff=cast.stand_in).stands_in


def test_a_kpi_keeps_nothing_of_what_was_loaded_with_it(cast):
    one = assigned(cast.leads, staff=cast.stand_in, week=WEEK.monday)
    assert vars(one.kpi).keys() == {
        "_state",
        *(field.attname for field in KPI._meta.concrete_fields),
    }


def test_the_kpis_of_a_week_are_those_of_its_lineup_in_its_order(cast):
    reviews = make_kpi(cast.practice, "Reviews", from_week=WEEK)
    kpis.archive(by=root_seat(cast.practice), kpi=cast.appointments, today=TODAY)

    def reviewed(week):
        found = cast.practice.kpis.reviewed(week.monday).assigned(TODAY, week=week.monday)
        return [(one.kpi.slug, one.stage) for one in found]

    assert reviewed(WEEK.previous) == [("leads", 1), ("appointments", 2), ("patients-acquired", 3)]
    assert reviewed(WEEK.next) == [("leads", 1), ("patients-acquired", 2), (reviews.slug, None)]
    assert reviewed(Week.of(BEGAN).previous) == []


def test_a_calculated_kpi_is_not_entered(cast):
    total = make_kpi(cast.practice, "Leads of 4 weeks", **TOTAL, source=cast.leads)
    ratio = make_kpi(
        cast.practice,
        "Leads per appointment",
        unit="decimal",
        calculation="ratio",
        source=cast.leads,
        divisor=cast.appointments,
    )
    entered = list(cast.practice.kpis.entered().in_order())
    assert entered == [cast.leads, cast.appointments, cast.patients]
    assert total.is_calculated
    assert ratio.is_calculated
    assert not any(kpi.is_calculated for kpi in entered)


@pytest.mark.parametrize(
    ("ends_on", "day", "is_over"),
    [
        (None, date(2030, 1, 1), False),
        (TODAY, TODAY, False),
        (TODAY, date(2026, 11, 25), True),
    ],
)
def test_an_ownership_lasts_through_its_last_day(cast, ends_on, day, is_over):
    Ownership.objects.filter(kpi=cast.leads).update(ends_on=ends_on)
    assert cast.leads.ownerships.on(day).exists() == (not is_over)
    assert cast.leads.ownerships.not_over(day).exists() == (not is_over)


def test_an_ownership_still_to_come_is_not_in_force_and_not_over(cast):
    Ownership.objects.filter(kpi=cast.leads).update(starts_on=date(2026, 11, 25))
    assert not cast.leads.ownerships.on(TODAY).exists()
    assert cast.leads.ownerships.not_over(TODAY).exists()
