from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.variation import (
    Limits,
    Rule,
    Signal,
    Standing,
    limits,
    marks,
    moving_ranges,
    signals,
    target_standing,
)

# Wheeler, Making Sense of Data, p. 382.
WHEELER = [
    5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685, 3463, 5200
]  # fmt: skip

# Mean 100; limits 73.4 and 126.6, near them below 86.7 and above 113.3.
HUNDRED = Limits.frozen(100, 10)

numbers = st.integers(0, 10**9) | st.decimals(0, 10**9, places=2)
weeks = st.lists(st.none() | numbers, max_size=60)
halves = st.integers(-2000, 2000).map(lambda n: n / 2)
full_baselines = st.lists(st.none() | st.integers(0, 60), min_size=20, max_size=60).filter(
    lambda values: limits(values) is not None and limits(values).is_frozen
)


def found(values, rule):
    """(first, last, is_high) of the rule's signals under the limits 73.4 and 126.6."""
    return [
        (signal.first, signal.last, signal.is_high)
        for signal in signals(values, HUNDRED)
        if signal.rule is rule
    ]


class TestLimits:
    def test_wheeler(self):
        usual = limits(WHEELER)
        assert (usual.mean, usual.count, usual.is_frozen) == (4135.5, 16, False)
        assert usual.lower == pytest.approx(3188.72, abs=0.01)
        assert usual.upper == pytest.approx(5082.28, abs=0.01)
        assert usual.range_limit == pytest.approx(1163.19, abs=0.01)

    @pytest.mark.parametrize(
        ("values", "mean", "lower", "upper", "range_limit"),
        [
            ([3, 4, 5], 4, 1.34, 6.66, 3.268),
            ([10, 50, 40, 30], 32.5, -20.7, 85.7, 65.36),
        ],
    )
    def test_published_short_series(self, values, mean, lower, upper, range_limit):
        # Twice over, for there to be six; no range leads across the missing week.
        usual = limits([*values, None, *values])
        assert usual.mean == mean
        assert usual.lower == pytest.approx(lower, abs=0.01)
        assert usual.upper == pytest.approx(upper, abs=0.01)
        assert usual.range_limit == pytest.approx(range_limit, abs=0.01)
        assert usual.drawn_lower == max(0, usual.lower)
        assert usual.near_high - mean == pytest.approx((upper - mean) / 2)
        assert mean - usual.near_low == pytest.approx((mean - lower) / 2)

    def test_a_frozen_baseline_is_the_first_twenty(self):
        twice = WHEELER[:15] * 2
        usual = limits(twice)
        assert (usual.count, usual.is_frozen) == (20, True)
        # 82,978 / 20, and 6,569 / 19 for the ranges.
        assert usual.mean == pytest.approx(4148.9)
        assert usual.mean_range == pytest.approx(345.7368, abs=0.0001)
        assert usual.lower == pytest.approx(3229.24, abs=0.01)
        assert usual.upper == pytest.approx(5068.56, abs=0.01)
        assert usual == limits(twice[:20]) == Limits.frozen(usual.mean, usual.mean_range)

    @pytest.mark.parametrize(
        "values",
        [
            [],
            [None] * 40,
            [1, 2, 3, 4, 5],
            [1, None, 2, 3, 4, None, 5],
            [1, None, 2, None, 3, None, 4, None, 5, None, 6],
            [1, None] * 25,
        ],
    )
    def test_cannot_be_said_from_fewer_than_six_weeks_or_without_neighbours(self, values):
        assert limits(values) is None

    @pytest.mark.parametrize(("count", "is_frozen"), [(6, False), (19, False), (20, True)])
    def test_are_provisional_from_six_and_frozen_from_twenty(self, count, is_frozen):
        usual = limits([1, 2] * (count // 2) + [1] * (count % 2) + [None])
        assert (usual.count, usual.is_frozen) == (count, is_frozen)

    def test_the_range_to_the_twenty_first_week_is_outside_the_baseline(self):
        assert limits([1, 2] * 10 + [1000]).mean_range == 1

    def test_a_missing_week_is_neither_a_value_nor_a_zero(self):
        usual = limits([5, 5, 5, None, 8, 8, 8])
        assert (usual.mean, usual.mean_range, usual.count) == (6.5, 0, 6)

    @given(full_baselines, weeks)
    def test_do_not_depend_on_what_comes_after_the_baseline(self, baseline, later):
        twentieth = [week for week, value in enumerate(baseline) if value is not None][19]
        assert limits(baseline[: twentieth + 1] + later) == limits(baseline)

    @given(st.lists(st.none() | halves, max_size=40), halves)
    def test_move_with_the_values(self, values, shift):
        before = limits(values)
        after = limits([None if value is None else value + shift for value in values])
        if before is None:
            assert after is None
            return
        assert after.mean_range == pytest.approx(before.mean_range)
        for line in ("mean", "lower", "upper", "near_low", "near_high"):
            assert getattr(after, line) == pytest.approx(getattr(before, line) + shift, abs=1e-6)

    @given(weeks)
    def test_are_the_same_for_every_type_of_number(self, values):
        assert limits(values) == limits([None if v is None else float(v) for v in values])


class TestMovingRanges:
    def test_lie_between_neighbouring_recorded_weeks(self):
        values = [3, Decimal("5.5"), None, 4, 4, 1]
        assert moving_ranges(values) == (None, 2.5, None, None, 0, 3)

    @pytest.mark.parametrize("values", [[], [7], [None, None], [1, None, 1]])
    def test_there_is_none_without_neighbours(self, values):
        assert moving_ranges(values) == (None,) * len(values)


class TestSignals:
    def test_wheeler_has_one_and_seven_low_weeks_are_none(self):
        assert signals(WHEELER, limits(WHEELER)) == (Signal(Rule.OUTSIDE, 15, 15, is_high=True),)

    def test_there_is_none_without_limits_or_values(self):
        assert signals([1, 2, 300], None) == ()
        assert signals([], HUNDRED) == signals([None] * 30, HUNDRED) == ()

    @pytest.mark.parametrize(
        ("value", "is_high"),
        [(126.61, True), (126.6, None), (100, None), (73.4, None), (73.39, False)],
    )
    def test_outside_is_strict(self, value, is_high):
        outside = [] if is_high is None else [(1, 1, is_high)]
        assert found([100, value, None], Rule.OUTSIDE) == outside

    @pytest.mark.parametrize(
        ("values", "leaning"),
        [
            ([115, 115, 115, 100], [(0, 3, True)]),
            ([115, 115, 100, 115], [(0, 3, True)]),
            ([115, 100, 115, 115], [(0, 3, True)]),
            ([100, 115, 115, 115], [(0, 3, True)]),
            ([85, 85, 115, 85], [(0, 3, False)]),
            ([130, 130, 85, 130], [(0, 3, True)]),
            ([100, 115, 115, 115, 115], [(0, 3, True), (1, 4, True)]),
            ([115, 115, 115], []),
            ([115, 115, 100, 100, 115], []),
            ([115, 115, 85, 85], []),
            ([113.3, 113.3, 113.3, 113.3], []),
            ([86.7, 86.7, 86.7, 86.7], []),
            ([115, 115, None, 115], []),
            ([115, 115, None, 115, 115], []),
            ([100, None, 115, 115, 115], []),
            ([None, 115, 115, 115, 100], [(1, 4, True)]),
        ],
    )
    def test_leaning_is_three_of_four_successive_weeks_near_one_limit(self, values, leaning):
        assert found(values, Rule.LEANING) == leaning

    @pytest.mark.parametrize(
        ("values", "shifted"),
        [
            ([101] * 7, []),
            ([101] * 8, [(0, 7, True)]),
            ([99] * 8, [(0, 7, False)]),
            ([101] * 10, [(0, 7, True), (1, 8, True), (2, 9, True)]),
            ([101] * 7 + [100] + [101] * 7, []),
            ([101] * 7 + [None] + [101] * 7, []),
            ([101] * 7 + [99] + [101] * 7, []),
            ([101] * 4 + [99] * 4, []),
            ([100] * 20, []),
            ([99, None] + [101] * 8, [(2, 9, True)]),
        ],
    )
    def test_shifted_is_eight_successive_weeks_on_one_side(self, values, shifted):
        assert found(values, Rule.SHIFTED) == shifted

    def test_come_in_the_order_of_the_week_that_completes_them(self):
        assert [
            (signal.rule, signal.last) for signal in signals([101] * 6 + [115] * 2 + [127], HUNDRED)
        ] == [(Rule.SHIFTED, 7), (Rule.OUTSIDE, 8), (Rule.LEANING, 8), (Rule.SHIFTED, 8)]

    @pytest.mark.parametrize("value", [0, 7, 0.1, Decimal("0.07"), Decimal("33.33"), 999999999.99])
    @pytest.mark.parametrize("count", [6, 7, 11, 19, 20, 30])
    def test_a_number_that_never_moves_has_none(self, value, count):
        values = [value] * count
        assert signals(values, limits(values)) == ()

    @pytest.mark.parametrize("tenth", [0.1, Decimal("0.1")])
    def test_a_value_equal_to_the_mean_but_for_rounding_ends_a_run(self, tenth):
        # 0.1 + 0.2 + 0.3 is three times 0.2, though not in floats.
        spread = [tenth, 2 * tenth, 3 * tenth]
        usual = limits(spread * 2)
        assert signals([3 * tenth] * 7 + [2 * tenth], usual) == ()
        assert len(signals([3 * tenth] * 8, usual)) == 1

    def test_after_a_number_that_never_moved_any_other_is_outside_and_none_leans(self):
        usual = limits([5] * 20)
        values = [5] * 20 + [6] * 8
        assert [(s.rule, s.last) for s in signals(values, usual)] == [
            *((Rule.OUTSIDE, week) for week in range(20, 28)),
            (Rule.SHIFTED, 27),
        ]

    @given(full_baselines, st.lists(st.none() | st.integers(0, 60), max_size=12))
    def test_never_change_for_old_weeks_when_new_ones_arrive(self, values, later):
        frozen = limits(values)
        told = signals(values, frozen)
        marked = marks(told, len(values))
        for value in later:
            values = [*values, value]
            now = signals(values, limits(values))
            assert now[: len(told)] == told
            assert all(signal.last == len(values) - 1 for signal in now[len(told) :])
            now_marked = marks(now, len(values))
            assert all(old <= new for old, new in zip(marked, now_marked, strict=False))
            assert marked[:-7] == now_marked[: len(marked[:-7])]
            told, marked = now, now_marked

    @given(st.lists(st.none() | st.integers(60, 140), max_size=40))
    def test_mirror_themselves(self, values):
        mirrored = [None if value is None else 200 - value for value in values]
        assert [(s.rule, s.first, s.last, s.is_high) for s in signals(values, HUNDRED)] == [
            (s.rule, s.first, s.last, not s.is_high) for s in signals(mirrored, HUNDRED)
        ]

    @given(st.lists(st.none() | st.integers(60, 140), max_size=40))
    def test_hold_what_the_rules_say_of_every_window(self, values):
        expected = set()
        for side in (1, -1):
            for last in range(len(values)):
                for rule, length, needed, distance in (
                    (Rule.OUTSIDE, 1, 1, 26.6),
                    (Rule.LEANING, 4, 3, 13.3),
                    (Rule.SHIFTED, 8, 8, 0),
                ):
                    window = values[max(0, last - length + 1) : last + 1]
                    if len(window) == length and None not in window:
                        beyond = [v for v in window if side * (v - 100) > distance]
                        if len(beyond) >= needed:
                            expected.add(Signal(rule, last - length + 1, last, side == 1))
        assert set(signals(values, HUNDRED)) == expected


class TestMarks:
    def test_every_week_of_every_window_is_marked(self):
        values = [101] * 6 + [115, 100, 127, 115, None]
        assert marks(signals(values, HUNDRED), len(values)) == (
            *([frozenset()] * 6),
            {Rule.LEANING},
            {Rule.LEANING},
            {Rule.LEANING, Rule.OUTSIDE},
            {Rule.LEANING},
            frozenset(),
        )

    def test_a_run_marks_the_weeks_before_the_one_that_completes_it(self):
        told = signals([100] + [99] * 9, HUNDRED)
        assert marks(told, 10) == (frozenset(), *([{Rule.SHIFTED}] * 9))

    def test_nothing_marks_nothing(self):
        assert marks((), 2) == (frozenset(), frozenset())

    def test_the_rule_is_its_word(self):
        assert [str(rule) for rule in Rule] == ["outside", "leaning", "shifted"]


class TestTargetStanding:
    @pytest.mark.parametrize(
        ("target", "higher_is_better", "standing"),
        [
            (126.61, True, Standing.OUT_OF_REACH),
            (Decimal("126.60"), True, Standing.SOMETIMES),
            (100, True, Standing.SOMETIMES),
            (Decimal("73.40"), True, Standing.SOMETIMES),
            (73.39, True, Standing.SURE),
            (126.61, False, Standing.SURE),
            (Decimal("126.60"), False, Standing.SOMETIMES),
            (100, False, Standing.SOMETIMES),
            (Decimal("73.40"), False, Standing.SOMETIMES),
            (73.39, False, Standing.OUT_OF_REACH),
        ],
    )
    def test_is_by_the_side_of_the_limits_it_is_on(self, target, higher_is_better, standing):
        assert target_standing(target, HUNDRED, higher_is_better=higher_is_better) is standing

    @pytest.mark.parametrize(
        ("target", "higher", "lower"),
        [
            (99, Standing.SURE, Standing.OUT_OF_REACH),
            (100, Standing.SURE, Standing.SURE),
            (101, Standing.OUT_OF_REACH, Standing.SURE),
        ],
    )
    def test_a_number_that_never_moves_always_meets_its_own_mean(self, target, higher, lower):
        usual = Limits.frozen(100, 0)
        assert target_standing(target, usual, higher_is_better=True) is higher
        assert target_standing(target, usual, higher_is_better=False) is lower

    def test_a_lower_limit_below_zero_is_not_cut(self):
        usual = Limits.frozen(10, 10)
        assert target_standing(0, usual, higher_is_better=False) is Standing.SOMETIMES

    def test_cannot_be_said_without_a_target_or_limits(self):
        assert target_standing(None, HUNDRED, higher_is_better=True) is None
        assert target_standing(5, None, higher_is_better=True) is None

    def test_the_standing_is_its_words(self):
        assert [str(standing) for standing in Standing] == [
            "will not be met without a change",
            "sometimes met",
            "will be met",
        ]
