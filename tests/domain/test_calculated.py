from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.calculated import moving_total, ratio
from funnel.domain.numbers import half_up

amounts = st.decimals(0, 999_999_999, places=2)


class TestRatio:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "as_percent", "result"),
        [
            ("9600", "64", False, "150.00"),
            ("100", "3", False, "33.33"),
            ("200", "3", False, "66.67"),
            ("1", "200", False, "0.01"),
            ("1", "201", False, "0.00"),
            ("0", "40", False, "0.00"),
            ("52", "200", True, "26.00"),
            ("1", "3", True, "33.33"),
            ("1", "20000", True, "0.01"),
            ("60", "50", True, "120.00"),
        ],
    )
    def test_is_rounded_half_up_to_two_decimals(self, numerator, denominator, as_percent, result):
        found = ratio(Decimal(numerator), Decimal(denominator), as_percent=as_percent)
        assert str(found) == result

    @pytest.mark.parametrize(
        ("numerator", "denominator"),
        [(None, Decimal(5)), (Decimal(5), None), (None, None), (Decimal(5), Decimal("0.00"))],
    )
    @pytest.mark.parametrize("as_percent", [True, False])
    def test_is_missing_without_both_numbers_or_over_zero(self, numerator, denominator, as_percent):
        assert ratio(numerator, denominator, as_percent=as_percent) is None

    @given(amounts, amounts.filter(bool), st.booleans())
    def test_is_rounded_once(self, numerator, denominator, as_percent):
        exact = Fraction(numerator) / Fraction(denominator) * (100 if as_percent else 1)
        assert ratio(numerator, denominator, as_percent=as_percent) == half_up(exact, 2)


class TestMovingTotal:
    @pytest.mark.parametrize(
        ("values", "window", "totals"),
        [
            ([1, 2, 3, 4], 2, (None, 3, 5, 7)),
            ([1, 2, 3], 1, (1, 2, 3)),
            ([1, None, 3], 1, (1, None, 3)),
            ([1, None, 3, 4, 5], 2, (None, None, None, 7, 9)),
            ([0, 0, 0], 3, (None, None, 0)),
            ([1, 2], 3, (None, None)),
            ([], 4, ()),
        ],
    )
    def test_is_the_sum_of_the_last_weeks_and_missing_with_one_of_them(
        self, values, window, totals
    ):
        values = [None if value is None else Decimal(value) for value in values]
        assert moving_total(values, window) == totals

    def test_is_exact(self):
        assert moving_total([Decimal("0.10")] * 3, 3)[-1] == Decimal("0.30")

    @pytest.mark.parametrize("window", [0, -1])
    def test_refuses_a_window_without_weeks(self, window):
        with pytest.raises(ValueError, match="one week"):
            moving_total([Decimal(1)], window)
