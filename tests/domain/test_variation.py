from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.variation import (
    ChartRule,
    Limits,
    Signal,
    TargetOutlook,
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
HUNDRED = Limits(100.0, 10.0, 20)

EIGHT = tuple(range(8))

numbers = st.integers(0, 10**9) | st.decimals(0, 10**9, places=2)
weeks = st.lists(st.none() | numbers, max_size=60)
halves = st.integers(-2000, 2000).map(lambda n: n / 2)


def found(values, rule):
    """(weeks, is_high) of the rule's signals under the limits 73.4 and 126.6."""
    return [
        (signal.weeks, signal.is_high) for signal in signals(values, HUNDRED) if signal.rule is rule
    ]


class TestLimits:
    def test_wheeler(self):
        usual = limits(WHEELER)
        assert (usual.mean, usual.count) == (4135.5, 16)
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
        usual = limits(values)
        assert (usual.mean, usual.count) == (mean, len(values))
        assert usual.lower == pytest.approx(lower, abs=0.01)
        assert usual.upper == pytest.approx(upper, abs=0.01)
        assert usual.range_limit == pytest.approx(range_limit, abs=0.01)
        assert usual.drawn_lower == max(0, usual.lower)
        assert usual.near_high - mean == pytest.approx((upper - mean) / 2)
        assert mean - usual.near_low == pytest.approx((mean - lower) / 2)

    @pytest.mark.parametrize(
        "values", [[], [None] * 40, [7], [1, None, 2, None, 3], [1, None] * 25]
    )
    def test_cannot_be_computed_without_two_neighbouring_weeks(self, values):
        assert limits(values) is None

    def test_no_range_leads_across_a_missing_week(self):
        assert limits([3, 4, 5, None, 30, 31, 32]).mean_range == 1

    def test_a_missing_week_is_neither_a_value_nor_a_zero(self):
        usual = limits([5, 5, 5, None, 8, 8, 8])
        assert (usual.mean, usual.mean_range, usual.count) == (6.5, 0, 6)

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
        assert signals(WHEELER, limits(WHEELER)) == (
            Signal(ChartRule.OUTSIDE, (15,), is_high=True),
        )

    def test_there_is_none_without_limits_or_values(self):
        assert signals([1, 2, 300], None) == ()
        assert signals([], HUNDRED) == signals([None] * 30, HUNDRED) == ()

    @pytest.mark.parametrize(
        ("value", "is_high"),
        [(126.61, True), (126.6, None), (100, None), (73.4, None), (73.39, False)],
    )
    def test_outside_is_strict(self, value, is_high):
        outside = [] if is_high is None else [((1,), is_high)]
        assert found([100, value, None], ChartRule.OUTSIDE) == outside

    @pytest.mark.parametrize(
        ("values", "leaning"),
        [
            ([115, 115, 115, 100], []),
            ([115, 115, 100, 115], [((0, 1, 3), True)]),
            ([115, 100, 115, 115], [((0, 2, 3), True)]),
            ([100, 115, 115, 115], [((1, 2, 3), True)]),
            ([85, 85, 115, 85], [((0, 1, 3), False)]),
            ([130, 130, 85, 130], [((0, 1, 3), True)]),
            ([100, 115, 115, 115, 115], [((1, 2, 3), True), ((1, 2, 3, 4), True)]),
            ([115, 115, 115], []),
            ([115, 115, 100, 100, 115], []),
            ([115, 115, 85, 85], []),
            ([113.3, 113.3, 113.3, 113.3], []),
            ([86.7, 86.7, 86.7, 86.7], []),
            ([115, 115, None, 115], []),
            ([115, 115, None, 115, 115], []),
            ([100, None, 115, 115, 115], []),
            ([None, 115, 115, 100, 115], [((1, 2, 4), True)]),
        ],
    )
    def test_leaning_is_three_of_four_successive_weeks_near_one_limit(self, values, leaning):
        assert found(values, ChartRule.LEANING) == leaning

    @pytest.mark.parametrize(
        ("values", "shifted"),
        [
            ([101] * 7, []),
            ([101] * 8, [(EIGHT, True)]),
            ([99] * 8, [(EIGHT, False)]),
            ([101] * 9, [(EIGHT, True), (tuple(range(1, 9)), True)]),
            ([101] * 7 + [100] + [101] * 7, []),
            ([101] * 7 + [None] + [101] * 7, []),
            ([101] * 7 + [99] + [101] * 7, []),
            ([101] * 4 + [99] * 4, []),
            ([100] * 20, []),
            ([99, None] + [101] * 8, [(tuple(range(2, 10)), True)]),
        ],
    )
    def test_shifted_is_eight_successive_weeks_on_one_side(self, values, shifted):
        assert found(values, ChartRule.SHIFTED) == shifted

    def test_come_in_the_order_of_the_week_that_completes_them(self):
        assert [
            (signal.rule, signal.last) for signal in signals([101] * 6 + [115] * 2 + [127], HUNDRED)
        ] == [
            (ChartRule.SHIFTED, 7),
            (ChartRule.OUTSIDE, 8),
            (ChartRule.LEANING, 8),
            (ChartRule.SHIFTED, 8),
        ]

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
            *((ChartRule.OUTSIDE, week) for week in range(20, 28)),
            (ChartRule.SHIFTED, 27),
        ]

    @given(
        st.lists(st.none() | st.integers(60, 140), max_size=20),
        st.lists(st.none() | st.integers(60, 140), max_size=12),
    )
    def test_never_change_for_old_weeks_when_new_ones_arrive(self, values, later):
        before = signals(values, HUNDRED)
        after = signals(values + later, HUNDRED)
        assert after[: len(before)] == before
        assert all(signal.last >= len(values) for signal in after[len(before) :])

    @given(st.lists(st.none() | st.integers(60, 140), max_size=40))
    def test_mirror_themselves(self, values):
        mirrored = [None if value is None else 200 - value for value in values]
        assert [(s.rule, s.weeks, s.is_high) for s in signals(values, HUNDRED)] == [
            (s.rule, s.weeks, not s.is_high) for s in signals(mirrored, HUNDRED)
        ]

    @given(st.lists(st.none() | st.integers(60, 140), max_size=40))
    def test_hold_what_the_rules_say_of_every_window(self, values):
        expected = set()
        for side in (1, -1):
            for last in range(len(values)):
                for rule, length, needed, distance in (
                    (ChartRule.OUTSIDE, 1, 1, 26.6),
                    (ChartRule.LEANING, 4, 3, 13.3),
                    (ChartRule.SHIFTED, 8, 8, 0),
                ):
                    weeks = range(max(0, last - length + 1), last + 1)
                    if len(weeks) == length and None not in (values[week] for week in weeks):
                        beyond = [w for w in weeks if side * (values[w] - 100) > distance]
                        if len(beyond) >= needed and last in beyond:
                            expected.add(Signal(rule, tuple(beyond), side == 1))
        assert set(signals(values, HUNDRED)) == expected


class TestMarks:
    def test_of_a_leaning_window_only_the_weeks_that_lean_are_marked(self):
        values = [101] * 6 + [115, 99, 127, 115, None]
        assert marks(signals(values, HUNDRED), len(values)) == (
            *([frozenset()] * 6),
            {ChartRule.LEANING},
            frozenset(),
            {ChartRule.LEANING, ChartRule.OUTSIDE},
            {ChartRule.LEANING},
            frozenset(),
        )

    def test_a_run_marks_the_weeks_before_the_one_that_completes_it(self):
        found = signals([100] + [99] * 9, HUNDRED)
        assert marks(found, 10) == (frozenset(), *([{ChartRule.SHIFTED}] * 9))

    def test_nothing_marks_nothing(self):
        assert marks((), 2) == (frozenset(), frozenset())

    def test_the_rule_is_its_word(self):
        assert [str(rule) for rule in ChartRule] == ["outside", "leaning", "shifted"]


class TestTargetStanding:
    @pytest.mark.parametrize(
        ("target", "higher_is_better", "standing"),
        [
            (126.61, True, TargetOutlook.OUT_OF_REACH),
            (Decimal("126.60"), True, TargetOutlook.SOMETIMES),
            (100, True, TargetOutlook.SOMETIMES),
            (Decimal("73.40"), True, TargetOutlook.SOMETIMES),
            (73.39, True, TargetOutlook.SURE),
            (126.61, False, TargetOutlook.SURE),
            (Decimal("126.60"), False, TargetOutlook.SOMETIMES),
            (100, False, TargetOutlook.SOMETIMES),
            (Decimal("73.40"), False, TargetOutlook.SOMETIMES),
            (73.39, False, TargetOutlook.OUT_OF_REACH),
        ],
    )
    def test_is_by_the_side_of_the_limits_it_is_on(self, target, higher_is_better, standing):
        assert target_standing(target, HUNDRED, higher_is_better=higher_is_better) is standing

    @pytest.mark.parametrize(
        ("target", "higher", "lower"),
        [
            (99, TargetOutlook.SURE, TargetOutlook.OUT_OF_REACH),
            (100, TargetOutlook.SURE, TargetOutlook.SURE),
            (101, TargetOutlook.OUT_OF_REACH, TargetOutlook.SURE),
        ],
    )
    def test_a_number_that_never_moves_always_meets_its_own_mean(self, target, higher, lower):
        usual = Limits(100.0, 0.0, 20)
        assert target_standing(target, usual, higher_is_better=True) is higher
        assert target_standing(target, usual, higher_is_better=False) is lower

    def test_a_lower_limit_below_zero_is_not_cut(self):
        usual = Limits(10.0, 10.0, 20)
        assert target_standing(0, usual, higher_is_better=False) is TargetOutlook.SOMETIMES

    def test_cannot_be_said_without_a_target_or_limits(self):
        assert target_standing(None, HUNDRED, higher_is_better=True) is None
        assert target_standing(5, None, higher_is_better=True) is None

    def test_the_standing_is_its_words(self):
        assert [str(standing) for standing in TargetOutlook] == [
            "will not be met without a change",
            "sometimes met",
            "will be met",
        ]
