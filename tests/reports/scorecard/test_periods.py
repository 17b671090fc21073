"""reports/scorecard_periods.py: months and quarters beside those of last year."""

from decimal import Decimal

import pytest

from funnel.actions import kpis
from funnel.domain.periods import MONTH, QUARTER, Period
from funnel.domain.weeks import Week
from funnel.reports.scorecard.periods import PeriodRates, build_period_scorecard
from funnel.reports.scorecard.scorecard import OUTSIDE
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_practice,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

NOVEMBER = Period(MONTH, 2026, 11)
OCTOBER = NOVEMBER.previous


@pytest.fixture
def cast():
    return make_cast()


def card_of(cast, kind=MONTH, **how):
    return build_period_scorecard(seat_for(cast.viewer), kind=kind, today=TODAY, **how)


def cell_of(card, slug, period):
    rows = (row for section in card.sections for row in section.rows)
    row = next(r for r in rows if not isinstance(r, PeriodRates) and r.head.slug == slug)
    return row.cells[card.periods.index(period)]


def step_of(card, period):
    steps = [row for row in card.sections[0].rows if isinstance(row, PeriodRates)]
    return steps[0].cells[card.periods.index(period)]


def fill(kpi, period, values):
    """The period's numbers, one a week, None where missing."""
    make_numbers(kpi, values, last=period.weeks[len(values) - 1])


def test_twelve_months_or_eight_quarters_up_to_the_one_that_is_not_over(cast):
    months, quarters = card_of(cast), card_of(cast, QUARTER)
    assert (len(months.periods), months.periods[-1], months.running) == (12, NOVEMBER, NOVEMBER)
    assert months.label == "Dec 2025 – Nov 2026"
    assert (len(quarters.periods), quarters.periods[-1].label) == (8, "Q4 2026")
    assert months.earlier == months.periods[0].previous.weeks[-1]
    assert (months.later, months.is_latest) == (None, True)


def test_what_is_not_over_can_be_left_out(cast):
    card = card_of(cast, with_running=False)
    assert (card.periods[-1], card.running) == (OCTOBER, None)


def test_goes_back_and_forth(cast):
    card = card_of(cast, until=card_of(cast).earlier)
    assert card.periods[-1].label == "Nov 2025"
    assert not card.is_latest
    assert card.later == WEEK
    assert card_of(cast, until=Week.parse("2025-W10")).later == Period(MONTH, 2026, 3).weeks[-1]
    assert card_of(cast, until=WEEK.plus(3)) == card_of(cast)


def test_nothing_from_before_the_practice_began():
    practice = make_practice("fresh", began_on=OCTOBER.weeks[2].monday)
    seat = root_seat(practice)
    card = build_period_scorecard(seat, kind=MONTH, today=TODAY)
    assert card.periods == (OCTOBER, NOVEMBER)
    assert card.earlier is None
    newer = root_seat(make_practice("newer", began_on=TODAY))
    assert build_period_scorecard(newer, kind=MONTH, today=TODAY).periods == ()


def test_counts_and_money_are_added_up_and_the_rest_averaged(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money")
    rating = make_kpi(cast.practice, "Rating", unit="decimal")
    share = make_kpi(cast.practice, "Share", unit="percent")
    for kpi in (cast.leads, spend, rating, share):
        fill(kpi, OCTOBER, [1, 2, 3, 4, 5])
    card = card_of(cast)
    told = [cell_of(card, slug, OCTOBER).value for slug in ("leads", "spend", "rating", "share")]
    assert told == [15, 15, 3, 3]


def test_a_ratio_is_the_ratio_of_the_sums(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money")
    make_kpi(
        cast.practice, "Cost", unit="money", calculation="ratio", source=spend, divisor=cast.leads
    )
    fill(spend, OCTOBER, [1000, 1000, 7, None, None])
    fill(cast.leads, OCTOBER, [10, 90, None, 5, None])
    cell = cell_of(card_of(cast), "cost", OCTOBER)
    assert cell.value == 20
    assert (cell.recorded, cell.completed) == (2, 5)


def test_a_moving_total_is_averaged_and_not_added_up_again(cast):
    make_kpi(cast.practice, "Total", calculation="total", source=cast.leads, window=2)
    make_numbers(cast.leads, [10] * 30)
    assert cell_of(card_of(cast), "total", OCTOBER).value == 20


def test_a_step_is_sum_by_sum(cast):
    fill(cast.leads, OCTOBER, [10, 100, None, 50])
    fill(cast.appointments, OCTOBER, [10, 10, 30, None])
    fill(cast.leads, OCTOBER.a_year_before, [100])
    fill(cast.appointments, OCTOBER.a_year_before, [10])
    cell = step_of(card_of(cast), OCTOBER)
    assert cell.value == pytest.approx(20 / 110)
    assert cell.last_year == 0.1
    assert cell.change.difference == pytest.approx(20 / 110 - 0.1)
    assert not cell.is_per_week


def test_stands_beside_the_same_month_of_last_year(cast):
    fill(cast.leads, OCTOBER, [20] * 5)
    fill(cast.leads, OCTOBER.a_year_before, [16] * 5)
    cell = cell_of(card_of(cast), "leads", OCTOBER)
    assert (cell.value, cell.last_year) == (100, 80)
    assert cell.change.fraction == 0.25
    assert not cell.is_per_week


def test_a_longer_month_is_no_better_for_being_longer(cast):
    """May 2026 has four weeks, May 2025 five: the same number a week is no change."""
    may = Period(MONTH, 2026, 5)
    assert (len(may.weeks), len(may.a_year_before.weeks)) == (4, 5)
    fill(cast.leads, may, [20] * 4)
    fill(cast.leads, may.a_year_before, [20] * 5)
    cell = cell_of(card_of(cast), "leads", may)
    assert (cell.value, cell.last_year, cell.change.fraction) == (80, 100, 0)
    assert cell.is_per_week


def test_missing_weeks_are_counted_and_never_taken_for_zero(cast):
    fill(cast.leads, OCTOBER, [20, None, 20, None, 20])
    card = card_of(cast)
    cell = cell_of(card, "leads", OCTOBER)
    assert (cell.value, cell.recorded, cell.completed) == (60, 3, 5)
    assert (cell.last_year, cell.change) == (None, None)
    nothing = cell_of(card, "appointments", OCTOBER)
    assert (nothing.value, nothing.recorded) == (None, 0)


def test_the_running_week_is_not_in_its_month(cast):
    fill(cast.leads, NOVEMBER, [10, 10, 10])
    before = card_of(cast)
    make_entry(cast.leads, 900, WEEK.next)
    assert card_of(cast) == before
    cell = cell_of(before, "leads", NOVEMBER)
    assert (cell.value, cell.completed) == (30, 3)


def test_a_month_of_the_past_is_told_whole(cast):
    fill(cast.leads, OCTOBER, [10] * 5)
    card = card_of(cast, until=OCTOBER.weeks[1])
    assert cell_of(card, "leads", OCTOBER).value == Decimal(50)
    assert card.running is None


def test_the_owner_and_the_target_stand_there_and_unowned_numbers_are_named(cast):
    make_kpi(cast.practice, "Nobodys")
    assert [head.name for head in card_of(cast).unowned] == ["Nobodys"]


def test_an_archived_number_stands_where_it_has_numbers(cast):
    gone = make_kpi(cast.practice, "Fax")
    fill(gone, Period(MONTH, 2024, 6), [5])
    kpis.archive(by=seat_for(cast.admin), kpi=gone, today=TODAY)
    assert OUTSIDE not in [section.name for section in card_of(cast).sections]
    card = card_of(cast, until=Week.parse("2024-W40"))
    assert cell_of(card, "fax", Period(MONTH, 2024, 6)).value == 5


@pytest.mark.parametrize("kind", [MONTH, QUARTER])
def test_two_statements(cast, django_assert_num_queries, kind):
    seat = seat_for(cast.viewer)
    with django_assert_num_queries(2):
        build_period_scorecard(seat, kind=kind, today=TODAY)
