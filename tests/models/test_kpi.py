"""models/kpi.py: which numbers, and who answers for them."""

from datetime import date

import pytest

from funnel.actions import kpis, ownership
from funnel.models import KPI, Ownership
from tests.cast import make_cast
from tests.factories import (
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


def one(kpis_of, kpi):
    return kpis_of.get(pk=kpi.pk)


def test_stages_come_first_and_then_the_numbers_outside_the_funnel(cast):
    make_kpi(cast.practice, "Reviews", order=2)
    make_kpi(cast.practice, "Revenue", order=1, unit="money")
    in_order = cast.practice.kpis.in_order().values_list("slug", flat=True)
    assert list(in_order) == ["leads", "appointments", "patients-acquired", "revenue", "reviews"]


def test_an_archived_kpi_is_not_active(cast):
    kpis.archive(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    assert cast.leads not in cast.practice.kpis.active()
    assert cast.leads in cast.practice.kpis.all()


def test_the_owner_of_a_day_comes_along_without_a_further_query(cast, django_assert_num_queries):
    make_ownership(cast.appointments, cast.stand_in, date(2026, 11, 30))
    with django_assert_num_queries(1):
        now = one(KPI.objects.with_owner(TODAY), cast.appointments)
        assert (now.holding.staff.name, now.role.name) == ("Maya", "Front desk")
    later = one(KPI.objects.with_owner(date(2026, 11, 30)), cast.appointments)
    assert later.holding.staff == cast.stand_in


def test_a_kpi_without_an_owner_is_there_and_nobodys(cast):
    ownership.end(by=seat_for(cast.admin), kpi=cast.leads, ends_on=date(2026, 11, 23))
    unowned = one(KPI.objects.with_owner(TODAY).with_role_held(), cast.leads)
    assert unowned.holding is None
    assert not unowned.owner_holds_role


def test_tells_whether_the_owner_holds_the_role(cast):
    assert one(KPI.objects.with_owner(TODAY).with_role_held(), cast.leads).owner_holds_role
    cast.marketer.roles.clear()
    assert not one(KPI.objects.with_owner(TODAY).with_role_held(), cast.leads).owner_holds_role


def test_tells_whether_the_week_is_closed_in_its_own_practice(cast):
    close_week(cast.manager)
    theirs = cast.stranger.practice.kpis.get(slug="leads")
    assert one(KPI.objects.with_closed(WEEK.monday), cast.leads).week_is_closed
    assert not one(KPI.objects.with_closed(WEEK.next.monday), cast.leads).week_is_closed
    assert not one(KPI.objects.with_closed(WEEK.monday), theirs).week_is_closed


def test_a_target_of_zero_is_a_target(cast):
    make_target(cast.leads, 0)
    assert one(KPI.objects.with_target(WEEK.monday), cast.leads).target_value == 0
    assert one(KPI.objects.with_target(WEEK.monday), cast.appointments).target_value is None


def test_a_superuser_without_a_place_stands_in_for_nobody(cast):
    assert one(KPI.objects.with_stand_in(cast.stand_in, TODAY), cast.appointments).i_stand_in
    assert not one(KPI.objects.with_stand_in(None, TODAY), cast.appointments).i_stand_in


def test_the_stage_before_skips_places_nobody_has(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.appointments, today=TODAY)
    reviews = make_kpi(cast.practice, "Reviews")
    before = {k.slug: k.before_name for k in cast.practice.kpis.active().with_stage_before()}
    assert before == {"leads": None, "patients-acquired": "Leads", reviews.slug: None}


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
