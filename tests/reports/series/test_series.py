"""reports/series/series.py: what held in a week, and how a number behaves."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from funnel.actions import baselines, meetings, patient_values, short_weeks
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.reports.series.loading import Ask, load_one
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    make_entry,
    make_numbers,
    make_ownership,
    make_practice,
    make_staff,
    make_target,
    root_seat,
)

pytestmark = pytest.mark.django_db

USUAL = (*[12, 10] * 10,)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def practice():
    return make_practice()


@pytest.fixture
def leads(practice):
    return practice.kpis.get(slug="leads")


def load(practice, first=WEEK, last=WEEK, today=TODAY):
    return load_one(Ask(practice, first, last, today))


def row_of(series, slug="leads", week=WEEK):
    return next(kpi for kpi in series.lineup(week) if kpi.slug == slug)


def test_a_missing_number_is_none_and_a_zero_is_zero(practice, leads):
    make_entry(leads, 0, WEEK.previous)
    series = load(practice)
    assert series.column(leads.pk, [WEEK.previous, WEEK]) == (Decimal(0), None)
    assert series.value(leads.pk, WEEK) is None
    assert series.column(leads.pk, WEEK.back(2)) == (None, Decimal(0))
    assert series.column(0, WEEK.back(2)) == (None, None)
    assert series.column(leads.pk, ()) == ()


def test_the_target_in_force_is_the_latest_set_by_that_week(practice, leads):
    make_target(leads, 100, WEEK.plus(-3))
    make_target(leads, 120, WEEK)
    series = load(practice)
    assert series.targets_of(leads.pk, WEEK.back(4)) == (None, 100, 100, 100)
    assert series.target(leads.pk, WEEK) == 120
    assert series.target(0, WEEK) is None


def test_the_value_of_a_patient_in_force_is_the_latest_set_by_that_week(practice):
    seat = root_seat(practice)
    patient_values.set_from(by=seat, from_week=WEEK, value=None, today=TODAY)
    series = load(practice)
    assert (series.patient_value(WEEK.previous), series.patient_value(WEEK)) == (3200, None)


def test_the_owner_of_the_reporting_week_is_todays(practice, leads):
    make_ownership(leads, make_staff(practice, "Tom", "Marketing"), TODAY)
    series = load(practice)
    assert series.owner(row_of(series), series.review_day(WEEK)).name == "Tom"


def test_the_owner_of_an_earlier_week_is_that_of_the_week_it_was_reviewed_in(practice, leads):
    make_ownership(leads, make_staff(practice, "Tom", "Marketing"), BEGAN)
    make_ownership(leads, make_staff(practice, "Eve", "Marketing"), WEEK.monday)
    for week, name in ((WEEK.plus(-2), "Tom"), (WEEK.plus(-1), "Eve")):
        series = load(practice, week, week)
        assert series.owner(row_of(series, week=week), series.review_day(week)).name == name


def test_the_owner_of_a_closed_week_is_that_of_the_day_it_was_closed(practice, leads):
    tom = make_ownership(leads, make_staff(practice, "Tom", "Marketing"), BEGAN)
    monday = WEEK.next.monday
    with time_machine.travel(f"{monday}T15:00Z", tick=False):
        meetings.close(by=root_seat(practice), week=WEEK, today=monday, seen=dict)
    make_ownership(leads, make_staff(practice, "Eve", "Marketing"), TODAY)
    series = load(practice)
    assert series.review_day(WEEK) == monday
    assert series.owner(row_of(series), monday).staff_id == tom.staff_id
    assert series.closed == {WEEK: monday}


def test_a_week_closed_long_after_its_review_keeps_the_owner_of_the_review(practice):
    old = WEEK.plus(-4)
    meetings.close(by=root_seat(practice), week=old, today=TODAY, seen=dict)
    assert load(practice, old, old).review_day(old) == old.next.sunday


def test_each_practice_has_its_own_today(practice):
    """Where Monday has started, the owner of the new week is shown; elsewhere still the old one."""
    sunday, monday = date(2026, 11, 22), date(2026, 11, 23)
    leads = practice.kpis.get(slug="leads")
    make_ownership(leads, make_staff(practice, "Tom", "Marketing"), BEGAN)
    make_ownership(leads, make_staff(practice, "Eve", "Marketing"), monday)
    for today, name in ((sunday, "Tom"), (monday, "Eve")):
        week = Week.running(today)
        series = load(practice, week, week, today)
        assert series.owner(row_of(series, week=week), series.review_day(week)).name == name


def test_averages_leave_short_weeks_out_and_sums_do_not(practice, leads):
    make_numbers(leads, (10, 20, 2))
    seat = root_seat(practice)
    short_weeks.mark(by=seat, week=WEEK, days_open=1, reason="Storm", today=TODAY)
    series = load(practice)
    weeks = WEEK.next.back(3)
    assert series.average(leads.pk, weeks) == 15
    assert series.full_weeks(leads.pk, weeks) == (10, 20, None)
    assert series.column(leads.pk, weeks) == (10, 20, 2)
    assert series.average_before(leads.pk, WEEK) == 15
    assert load(practice, WEEK.next, WEEK.next).average_before(leads.pk, WEEK.next) == 15


def test_a_short_week_is_not_judged(practice, leads):
    make_numbers(leads, (*USUAL, 1))
    (before,) = load(practice).outcomes(row_of(load(practice)), (WEEK,))
    assert before.verdict == Verdict.WORSE
    short_weeks.mark(by=root_seat(practice), week=WEEK, days_open=1, reason="Storm", today=TODAY)
    series = load(practice)
    (after,) = series.outcomes(row_of(series), (WEEK,))
    assert after.verdict == Verdict.UNKNOWN


def test_a_week_reads_the_same_whatever_else_is_shown(practice, leads):
    make_numbers(leads, (*USUAL * 6, 30, 9, 9, 8, 7, 9, 9, 9, 9, 8))
    one = load(practice)
    many = load(practice, WEEK.plus(-60), WEEK)
    weeks = WEEK.next.back(20)
    for week in weeks:
        single = load(practice, week, week)
        readings = (
            (series, series.readings(row_of(series), (week,))[0]) for series in (single, many)
        )
        limits, since = zip(
            *[(r.limits, r.run and s.week_at(r.run.since)) for s, r in readings], strict=True
        )
        assert limits[0] == limits[1]
        assert since[0] == since[1]
    assert one.outcomes(row_of(one), (WEEK,))[0].verdict == Verdict.WORSE


def test_the_baseline_in_force_is_the_last_begun_and_not_ended(practice, leads):
    seat = root_seat(practice)
    first, second = WEEK.plus(-30), WEEK.plus(-12)
    for week in (first, second):
        baselines.begin(by=seat, kpi=leads, from_week=week, reason="Moved", today=TODAY)
    baselines.end(by=seat, kpi=leads, from_week=WEEK, today=TODAY)
    series = load(practice, first, WEEK)
    assert [
        series.baseline_start(leads.pk, week)
        for week in (first.previous, first, second.previous, second, WEEK.previous, WEEK)
    ] == [None, first, first, second, second, None]


def test_the_review_day_of_a_running_week_is_today(practice):
    series = load(practice, WEEK.next, WEEK.next)
    assert series.review_day(WEEK.next) == TODAY
    assert series.review_day(WEEK.plus(-3)) == WEEK.plus(-2).monday + timedelta(days=6)
