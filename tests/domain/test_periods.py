from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.periods import MONTH, QUARTER, Period, average, total
from funnel.domain.weeks import FIRST_MONDAY, LAST_MONDAY, Week

NOV = Period(MONTH, 2026, 11)
Q4 = Period(QUARTER, 2026, 4)

weeks = st.dates(FIRST_MONDAY, LAST_MONDAY).map(Week.of)
kinds = st.sampled_from([MONTH, QUARTER])
years = st.integers(10, 9990)
periods = st.builds(Period, st.just(MONTH), years, st.integers(1, 12)) | st.builds(
    Period, st.just(QUARTER), years, st.integers(1, 4)
)


def written(period):
    return [str(week) for week in period.weeks]


class TestPeriod:
    @pytest.mark.parametrize(
        ("kind", "year", "number"),
        [
            ("year", 2026, 1),
            (MONTH, 2026, 0),
            (MONTH, 2026, 13),
            (QUARTER, 2026, 0),
            (QUARTER, 2026, 5),
            (MONTH, 0, 1),
            (MONTH, 10000, 1),
        ],
    )
    def test_refuses_what_is_not_in_the_calendar(self, kind, year, number):
        with pytest.raises(ValueError, match=r"A period is|No \w+ is number"):
            Period(kind, year, number)

    def test_refuses_a_week_of_another_kind(self):
        with pytest.raises(ValueError, match="month or a quarter"):
            Period.of(Week.parse("2026-W47"), "fortnight")

    def test_is_equal_hashed_and_ordered(self):
        assert {Period(MONTH, 2026, 11), NOV} == {NOV}
        assert sorted([NOV.next, Period(MONTH, 2025, 12), NOV]) == [
            Period(MONTH, 2025, 12),
            NOV,
            NOV.next,
        ]

    def test_has_a_label(self):
        assert (NOV.label, Q4.label) == ("Nov 2026", "Q4 2026")
        assert (Period(MONTH, 2027, 1).label, Q4.next.label) == ("Jan 2027", "Q1 2027")


class TestWeeks:
    @pytest.mark.parametrize(
        ("week", "month", "quarter"),
        [
            ("2026-W47", "Nov 2026", "Q4 2026"),
            # Thursday is Jan 1, 2026, though the week begins in December.
            ("2026-W01", "Jan 2026", "Q1 2026"),
            # Thursday is Dec 31, 2026, though the week ends in January.
            ("2026-W53", "Dec 2026", "Q4 2026"),
            ("2027-W01", "Jan 2027", "Q1 2027"),
            # Thursday is Apr 2 in a week that begins in March; Oct 1 in one that does in September.
            ("2026-W14", "Apr 2026", "Q2 2026"),
            ("2026-W40", "Oct 2026", "Q4 2026"),
            # Thursday is the last of its month.
            ("2026-W31", "Jul 2026", "Q3 2026"),
            ("2026-W18", "Apr 2026", "Q2 2026"),
        ],
    )
    def test_a_week_belongs_to_its_thursday(self, week, month, quarter):
        week = Week.parse(week)
        assert (Period.of(week, MONTH).label, Period.of(week, QUARTER).label) == (month, quarter)

    def test_a_period_has_its_weeks_in_order(self):
        assert written(NOV) == ["2026-W45", "2026-W46", "2026-W47", "2026-W48"]
        assert written(NOV.next) == ["2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53"]
        assert len(Q4.weeks) == 14
        assert (written(Q4)[0], written(Q4)[-1]) == ("2026-W40", "2026-W53")

    @pytest.mark.parametrize(("kind", "sizes"), [(MONTH, {4, 5}), (QUARTER, {12, 13, 14})])
    def test_every_week_of_2024_to_2028_is_in_exactly_one(self, kind, sizes):
        five_years = Week.range(Week.parse("2024-W01"), Week.parse("2028-W52"))
        period, found = Period(kind, 2024, 1), []
        while period.year <= 2028:
            assert len(period.weeks) in sizes
            assert {Period.of(week, kind) for week in period.weeks} == {period}
            found += period.weeks
            period = period.next
        assert tuple(found) == five_years

    @pytest.mark.parametrize(("year", "count"), [(2025, 52), (2026, 53), (2027, 52)])
    def test_the_periods_of_a_year_have_the_weeks_of_the_iso_year(self, year, count):
        for kind, number in ((MONTH, 12), (QUARTER, 4)):
            found = [w for n in range(number) for w in Period(kind, year, n + 1).weeks]
            assert len(found) == count
            assert {str(week)[:4] for week in found} == {str(year)}

    @given(weeks, kinds)
    def test_the_period_of_a_week_has_that_week(self, week, kind):
        assert week in Period.of(week, kind).weeks

    @given(weeks)
    def test_a_month_is_within_its_quarter(self, week):
        month, quarter = Period.of(week, MONTH), Period.of(week, QUARTER)
        assert set(month.weeks) <= set(quarter.weeks)


class TestNeighbours:
    @pytest.mark.parametrize(
        ("period", "n", "label"),
        [
            (NOV, 1, "Dec 2026"),
            (NOV, 2, "Jan 2027"),
            (NOV, -11, "Dec 2025"),
            (Q4, 1, "Q1 2027"),
            (Q4, -4, "Q4 2025"),
            (Q4, 0, "Q4 2026"),
        ],
    )
    def test_plus_counts_both_ways(self, period, n, label):
        assert period.plus(n).label == label

    @given(periods, st.integers(-20, 20))
    def test_steps_undo_each_other(self, period, n):
        assert period.next.previous == period == period.previous.next
        assert period.weeks[-1].next == period.next.weeks[0]
        assert period.plus(n).plus(-n) == period

    @given(periods)
    def test_a_year_before_is_the_same_month_or_quarter(self, period):
        before = period.a_year_before
        assert (before.kind, before.year, before.number) == (
            period.kind,
            period.year - 1,
            period.number,
        )

    @pytest.mark.parametrize("kind", [MONTH, QUARTER])
    def test_steps_stay_within_the_calendar(self, kind):
        first, last = (Period.of(Week(monday), kind) for monday in (FIRST_MONDAY, LAST_MONDAY))
        assert (first.previous, first.plus(-(10**12))) == (first, first)
        assert (last.next, last.plus(10**12)) == (last, last)
        assert first.a_year_before == first
        assert (first.weeks[0].monday, last.weeks[-1].monday) == (FIRST_MONDAY, LAST_MONDAY)


class TestToday:
    @pytest.mark.parametrize(
        ("today", "is_running", "is_over"),
        [
            # Its weeks are Nov 2 to Nov 29.
            (date(2026, 11, 1), False, False),
            (date(2026, 11, 2), True, False),
            (date(2026, 11, 29), True, False),
            (date(2026, 11, 30), False, True),
        ],
    )
    def test_a_month_runs_from_its_first_monday_to_its_last_sunday(
        self, today, is_running, is_over
    ):
        assert (NOV.is_running(today), NOV.is_over(today)) == (is_running, is_over)

    def test_a_quarter_may_end_in_the_next_year(self):
        assert Q4.is_running(date(2027, 1, 3))
        assert Q4.is_over(date(2027, 1, 4))


class TestAggregates:
    @pytest.mark.parametrize(
        ("values", "mean", "everything"),
        [
            ([10, 20, 30], 20, 60),
            ([10, None, 20], 15, 30),
            ([0, None], 0, 0),
            ([None, None], None, None),
            ([], None, None),
        ],
    )
    def test_leave_out_missing_weeks(self, values, mean, everything):
        values = [None if value is None else Decimal(value) for value in values]
        assert (average(values), total(values)) == (mean, everything)

    def test_are_exact_and_take_a_stream(self):
        tenths = [Decimal("0.10"), Decimal("0.20"), None]
        assert total(v for v in tenths) == Decimal("0.30")
        assert average(v for v in tenths) == Decimal("0.15")
