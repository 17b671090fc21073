from datetime import date
from decimal import Decimal

import pytest

from funnel.actions import meetings
from funnel.domain.weeks import Week
from funnel.reports.series.figures import Scope, load_figures
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    make_entry,
    make_ownership,
    make_practice,
    make_staff,
    make_target,
    root_seat,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return make_practice()


@pytest.fixture
def leads(practice):
    return practice.kpis.get(slug="leads")


def figures_of(practice, week=WEEK, today=TODAY):
    return load_figures([Scope.of(practice, week, today, [week.next])])


def test_a_missing_number_is_none_and_a_zero_is_zero(practice, leads):
    make_entry(leads, 0, WEEK.previous)
    figures = figures_of(practice)
    assert figures.column(leads, [WEEK.previous, WEEK]) == (Decimal(0), None)
    assert figures.value(leads, WEEK) is None


def test_the_target_in_force_is_the_latest_set_by_that_week(practice, leads):
    make_target(leads, 100, WEEK.plus(-3))
    make_target(leads, 120, WEEK)
    figures = figures_of(practice)
    assert figures.steps(leads, WEEK.back(4)) == (None, Decimal(100), Decimal(100), Decimal(100))
    assert figures.target(leads, WEEK) == Decimal(120)


def test_the_owner_of_the_reporting_week_is_todays(practice, leads):
    tom = make_staff(practice, "Tom", "Marketing")
    make_ownership(leads, tom, starts_on=TODAY)
    (kpi, *_) = figures_of(practice).kpis[practice.pk]
    assert kpi.owner == "Tom"


def test_the_owner_of_an_earlier_week_is_that_of_the_week_it_was_reviewed_in(practice, leads):
    tom = make_staff(practice, "Tom", "Marketing")
    eve = make_staff(practice, "Eve", "Marketing")
    make_ownership(leads, tom, starts_on=BEGAN)
    make_ownership(leads, eve, starts_on=WEEK.monday)
    owners = [
        figures_of(practice, week).kpis[practice.pk][0].owner
        for week in (WEEK.plus(-2), WEEK.plus(-1))
    ]
    assert owners == ["Tom", "Eve"]


def test_each_practice_has_its_own_today(practice):
    """Where Monday has begun, the owner of the new week answers; elsewhere still the old one."""
    auckland = make_practice("akl", time_zone="Pacific/Auckland")
    sunday, monday = date(2026, 11, 22), date(2026, 11, 23)
    for there in (practice, auckland):
        kpi = there.kpis.get(slug="leads")
        make_ownership(kpi, make_staff(there, "Tom", "Marketing"), starts_on=BEGAN)
        make_ownership(kpi, make_staff(there, "Eve", "Marketing"), starts_on=monday)
    scopes = [
        Scope.of(practice, Week.running(sunday), sunday),
        Scope.of(auckland, Week.running(monday), monday),
    ]
    kpis = load_figures(scopes).kpis
    assert [kpis[p.pk][0].owner for p in (practice, auckland)] == ["Tom", "Eve"]


def test_says_whether_the_week_is_closed(practice):
    meetings.close(by=root_seat(practice), week=WEEK, today=TODAY, seen=dict)
    assert figures_of(practice).closed == {practice.pk}
    assert not figures_of(practice, WEEK.previous).closed


def test_nothing_of_another_practice_is_loaded(practice):
    other = make_practice("harbor")
    make_entry(other.kpis.get(slug="leads"), 7)
    figures = figures_of(practice)
    assert set(figures.kpis) == {practice.pk}
    assert not figures.values


def test_two_queries_for_one_practice_and_for_many(practice, django_assert_num_queries):
    others = [make_practice(f"p{n}") for n in range(4)]
    with django_assert_num_queries(2):
        figures_of(practice)
    with django_assert_num_queries(2):
        load_figures([Scope.of(p, WEEK, TODAY) for p in [practice, *others]])
