from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.gap import (
    Expected,
    biggest_leak,
    expected_from_history,
    expected_from_targets,
    rounded_parts,
    split,
)
from funnel.domain.numbers import half_up

TARGETS = [Decimal(100), Decimal(40), Decimal(20)]

amounts = st.decimals(0, 999_999_999, places=2)


@st.composite
def weeks_of_stages(draw):
    """Targets and actual numbers of one to five stages."""
    stages = draw(st.integers(1, 5))
    targets = draw(st.lists(amounts.filter(bool), min_size=stages, max_size=stages))
    actual = draw(st.lists(amounts, min_size=stages, max_size=stages))
    return targets, actual


class TestExpectedFromTargets:
    def test_the_worked_example(self):
        expected = expected_from_targets(TARGETS)
        assert expected == Expected(Fraction(100), (Fraction(2, 5), Fraction(1, 2)))
        assert expected.expected_patients == 20

    def test_one_stage_has_no_rates(self):
        expected = expected_from_targets([20])
        assert expected == Expected(Fraction(20), ())
        assert expected.expected_patients == 20

    @pytest.mark.parametrize(
        "targets",
        [
            [],
            [None, 40, 20],
            [100, None, 20],
            [100, 40, None],
            [0, 40, 20],
            [100, Decimal("0.00"), 20],
        ],
    )
    def test_is_unknown_with_a_target_missing_or_a_base_of_zero(self, targets):
        assert expected_from_targets(targets) is None

    def test_a_target_of_zero_at_the_last_stage_is_a_target(self):
        assert expected_from_targets([100, 40, 0]).expected_patients == 0

    @given(st.lists(amounts.filter(bool), min_size=1, max_size=5))
    def test_expects_exactly_the_last_target(self, targets):
        assert expected_from_targets(targets).expected_patients == Fraction(targets[-1])


class TestExpectedFromHistory:
    def test_is_the_mean_first_stage_and_the_pooled_rates(self):
        columns = [[90, 110, 100, 100], [40, 50, 30, 40], [20, 20, 20, 20]]
        assert expected_from_history(columns) == Expected(
            Fraction(100), (Fraction(160, 400), Fraction(80, 160))
        )

    def test_leaves_out_missing_numbers_one_stage_at_a_time(self):
        columns = [[90, None, 110, 100, 100], [40, 1000, 50, 30, 40], [20, 500, 20, 20, 20]]
        expected = expected_from_history(columns)
        assert expected == Expected(Fraction(100), (Fraction(160, 400), Fraction(580, 1160)))

    def test_is_exact_where_a_mean_is_not_a_decimal(self):
        assert expected_from_history([[1, 1, 1, 1, 1, 2]]).first == Fraction(7, 6)

    def test_only_the_last_13_weeks_count(self):
        assert expected_from_history([[1000] * 5 + [10] * 13]).first == 10

    @pytest.mark.parametrize(
        "columns",
        [
            [],
            [[]],
            [[1, 2, 3]],
            [[1, 2, 3, None]],
            [[5, 5, 5, 5, 5], [1, 1, 1, None, None]],
            [[5, 5, 5, 5, None], [None, 1, 1, 1, 1]],
            [[5, 5, 5, 5], [0, 0, 0, 0], [1, 1, 1, 1]],
            [[0, 0, 0, 0], [1, 1, 1, 1]],
        ],
    )
    def test_is_unknown_with_too_few_weeks_or_a_base_of_zero(self, columns):
        assert expected_from_history(columns) is None

    def test_refuses_stages_with_different_weeks(self):
        with pytest.raises(ValueError, match="same weeks"):
            expected_from_history([[1, 2, 3, 4, 5], [1, 2, 3, 4]])


class TestSplit:
    def test_the_worked_example(self):
        gap = split(expected_from_targets(TARGETS), [Decimal(90), Decimal(27), Decimal(15)])
        assert (gap.expected, gap.actual, gap.total) == (20, 15, 5)
        assert gap.parts == (Fraction(2), Fraction(9, 2), Fraction(-3, 2))
        assert biggest_leak(gap.parts) == 1

    def test_the_worked_example_in_money(self):
        gap = split(expected_from_targets(TARGETS), [90, 27, 15]).in_money(Decimal("3200.00"))
        assert (gap.expected, gap.actual, gap.total) == (64000, 48000, 16000)
        assert gap.parts == (6400, 14400, -4800)

    @given(weeks_of_stages())
    def test_the_parts_add_up_to_the_gap_exactly(self, week):
        targets, actual = week
        gap = split(expected_from_targets(targets), actual)
        assert len(gap.parts) == len(actual)
        assert sum(gap.parts) == gap.total == Fraction(targets[-1]) - Fraction(actual[-1])

    @given(st.lists(st.integers(1, 500), min_size=4, max_size=13), amounts)
    def test_the_parts_add_up_from_history_too(self, leads, number):
        expected = expected_from_history([leads, [n // 2 for n in leads]])
        gap = split(expected, [number, 7])
        assert sum(gap.parts) == gap.total == expected.expected_patients - 7

    @given(weeks_of_stages())
    def test_a_week_on_target_loses_nothing_anywhere(self, week):
        targets, _ = week
        gap = split(expected_from_targets(targets), targets)
        assert set(gap.parts) == {0}

    @pytest.mark.parametrize(
        ("actual", "parts", "total"),
        [
            ([None, 27, 15], (None, None, Fraction(-3, 2)), 5),
            ([90, None, 15], (2, None, None), 5),
            ([90, 27, None], (2, Fraction(9, 2), None), None),
            ([None, None, None], (None, None, None), None),
        ],
    )
    def test_a_missing_number_leaves_the_parts_that_need_it_unknown(self, actual, parts, total):
        gap = split(expected_from_targets(TARGETS), actual)
        assert (gap.parts, gap.total) == (parts, total)
        assert gap.in_money(2).parts == tuple(None if part is None else 2 * part for part in parts)

    def test_zero_is_a_number_and_not_missing(self):
        assert split(expected_from_targets(TARGETS), [0, 0, 0]).parts == (20, 0, 0)

    @pytest.mark.parametrize("actual", [[90, 27], [90, 27, 15, 3], []])
    def test_refuses_another_number_of_stages(self, actual):
        with pytest.raises(ValueError, match="one per expected stage"):
            split(expected_from_targets(TARGETS), actual)


class TestBiggestLeak:
    @pytest.mark.parametrize(
        ("parts", "stage"),
        [
            ([2, Fraction(9, 2), Fraction(-3, 2)], 1),
            ([3, 3, 1], 0),
            ([1, 3, 3], 1),
            ([None, 1, None], 1),
            ([0, -1, 0], None),
            ([-5, -1], None),
            ([None, None], None),
            ([], None),
        ],
    )
    def test_is_the_largest_loss_and_the_earlier_of_equals(self, parts, stage):
        assert biggest_leak(parts) == stage


class TestRoundedParts:
    def test_parts_on_a_step_stay(self):
        parts = (Fraction(2), Fraction(9, 2), Fraction(-3, 2))
        assert rounded_parts(parts, Fraction(5)) == (Decimal("2"), Decimal("4.5"), Decimal("-1.5"))

    def test_the_largest_remainder_is_rounded_up(self):
        parts = (Fraction(33, 100), Fraction(36, 100), Fraction(31, 100))
        assert rounded_parts(parts, Fraction(1)) == (Decimal("0.3"), Decimal("0.4"), Decimal("0.3"))

    def test_of_equal_remainders_the_earlier_stage_is_rounded_up(self):
        thirds = (Fraction(1, 3),) * 3
        assert rounded_parts(thirds, Fraction(1)) == (
            Decimal("0.4"),
            Decimal("0.3"),
            Decimal("0.3"),
        )

    def test_money_in_whole_units(self):
        thirds = (Fraction(100, 3),) * 3
        assert rounded_parts(thirds, Fraction(100), Fraction(1)) == (34, 33, 33)

    def test_with_a_part_missing_each_is_rounded_by_itself(self):
        parts = (Fraction(1, 20), None, Fraction(-1, 20), Fraction(1, 25))
        assert rounded_parts(parts, Fraction(5)) == (Decimal("0.1"), None, Decimal("-0.1"), 0)
        assert rounded_parts((Fraction(1, 20),), None) == (Decimal("0.1"),)

    def test_refuses_parts_that_are_not_the_total(self):
        with pytest.raises(ValueError, match="add up"):
            rounded_parts((Fraction(1), Fraction(2)), Fraction(4))

    @given(weeks_of_stages(), st.sampled_from([(Fraction(1, 10), 1), (Fraction(1), 0)]))
    def test_add_up_to_the_total_as_it_is_shown_each_within_a_step(self, week, shown):
        targets, actual = week
        step, places = shown
        gap = split(expected_from_targets(targets), actual)
        rounded = rounded_parts(gap.parts, gap.total, step)
        assert sum(rounded) == half_up(gap.total, places)
        for part, near in zip(gap.parts, rounded, strict=True):
            assert abs(Fraction(near) - part) < step
            assert Fraction(near) % step == 0

    @given(st.lists(st.fractions(-50, 50, max_denominator=60), min_size=1, max_size=6))
    def test_add_up_whatever_the_signs(self, parts):
        rounded = rounded_parts(parts, sum(parts))
        assert sum(rounded) == half_up(sum(parts), 1)
        for part, near in zip(parts, rounded, strict=True):
            assert abs(Fraction(near) - part) < Fraction(1, 10)
