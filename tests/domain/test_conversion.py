from decimal import Decimal
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.conversion import judge, pooled, step_rate, wilson
from funnel.domain.verdict import Verdict

MISSING = "A number is missing this week."
TOO_FEW_CASES = "Fewer than 5 this week: too few for a rate."
TOO_FEW_WEEKS = "Fewer than 8 earlier weeks have both numbers."
NOBODY = "The rate was 0 in the earlier weeks, so there is no usual rate."
ALL = "The rate was 100% or more in the earlier weeks, so there is no usual range."
NO_NEIGHBOURS = "No two consecutive earlier weeks have both numbers."

# Seen within four hours in NHS emergency departments, of all who came, by week: Mohammed et al.,
# Quality and Safety in Health Care 22 (2013) 362-368, the data set `nhs_accidents` of qicharts2.
NHS_SEEN = [
    266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483, 270320,
    267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863, 264465, 260989,
]  # fmt: skip
NHS_CAME = [
    280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529,
    279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772,
]  # fmt: skip

counts = st.none() | st.integers(0, 200)
weekly_pairs = st.lists(st.none() | st.tuples(counts, counts), max_size=60)


def pairs(numbers, bases):
    return list(zip(numbers, bases, strict=True))


class TestStepRate:
    @pytest.mark.parametrize(
        ("numerator", "base", "percent"),
        [(52, 200, 26.0), (44, 52, 84.6), (38, 44, 86.4), (38, 200, 19.0), (60, 50, 120.0)],
    )
    def test_check_sums(self, numerator, base, percent):
        rate = step_rate(Decimal(numerator), Decimal(base))
        assert type(rate) is float
        assert round(100 * rate, 1) == percent

    @pytest.mark.parametrize(
        ("numerator", "base"), [(None, 5), (5, None), (None, None), (5, 0), (0, 0)]
    )
    def test_cannot_be_said_without_both_numbers_and_a_base(self, numerator, base):
        assert step_rate(numerator, base) is None

    def test_none_of_some_is_a_rate_of_zero(self):
        assert step_rate(0, 5) == 0.0


class TestPooled:
    def test_is_sum_over_sum_and_not_a_mean_of_rates(self):
        assert pooled([(1, 2), (10, 100)]) == 11 / 102

    def test_leaves_out_weeks_with_a_missing_number(self):
        assert pooled([(1, 2), (None, 50), (7, None), (3, 8)]) == 4 / 10

    def test_counts_a_week_whose_base_is_zero(self):
        assert pooled([(1, 2), (3, 0)]) == 4 / 2

    @pytest.mark.parametrize("pairs", [[], [(None, 5)], [(0, 0), (0, 0)]])
    def test_cannot_be_said_from_nothing(self, pairs):
        assert pooled(pairs) is None

    def test_takes_a_stream_of_pairs(self):
        assert pooled(pair for pair in [(1, 2), (1, 2)]) == 0.5


class TestWilson:
    @pytest.mark.parametrize(
        ("k", "n", "low", "high"),
        [
            (81, 263, 0.2553, 0.3662),
            (0, 20, 0.0, 0.1611),
            (15, 148, 0.0624, 0.1605),
            (1, 29, 0.0061, 0.1718),
        ],
    )
    def test_newcombe_1998(self, k, n, low, high):
        assert [round(end, 4) for end in wilson(k, n)] == [low, high]

    @pytest.mark.parametrize(("k", "n"), [(0, 0), (1, 0), (6, 5), (-1, 5), (1, -5)])
    def test_there_is_none_without_cases_or_with_more_than_all(self, k, n):
        assert wilson(k, n) is None

    @given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_holds_the_rate_and_stays_between_nothing_and_all(self, case):
        k, n = case
        low, high = wilson(k, n)
        assert 0 <= low <= k / n <= high <= 1
        assert low < high

    @given(st.integers(1, 1000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_mirrors_itself(self, case):
        k, n = case
        low, high = wilson(k, n)
        assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low))


class TestJudge:
    def test_is_the_p_prime_chart_of_qicharts2(self):
        # The vignette of R's qicharts2 prints 0.940, 0.953 and 0.966 at the last of these weeks,
        # at three sigma.
        judgement = judge(NHS_SEEN[-1], NHS_CAME[-1], pairs(NHS_SEEN, NHS_CAME))
        three_sigma = (judgement.high - judgement.usual_rate) * 3 / 1.96
        assert round(judgement.usual_rate, 3) == 0.953
        assert round(judgement.usual_rate - three_sigma, 3) == 0.940
        assert round(judgement.usual_rate + three_sigma, 3) == 0.966
        assert judgement.high - judgement.usual_rate == pytest.approx(
            judgement.usual_rate - judgement.low
        )
        assert (judgement.verdict, judgement.weeks_counted) == (Verdict.USUAL, 20)

    def test_is_laneys_formula_written_out(self):
        # Ten weeks of 100 with 40 and 60 in turn: p = 1/2, z = -2 and 2, moves of 4 each.
        earlier = [(40, 100), (60, 100)] * 5
        sigma_z = Fraction(4) / Fraction("1.128")
        reach = float(Fraction("1.96") * sigma_z * Fraction(1, 2)) / sqrt(64)
        judgement = judge(32, 64, earlier)
        assert judgement.usual_rate == 0.5
        assert judgement.low == pytest.approx(0.5 - reach)
        assert judgement.high == pytest.approx(0.5 + reach)

    def test_rates_steadier_than_chance_do_not_narrow_the_range(self):
        judgement = judge(50, 100, [(50, 100)] * 8)
        assert judgement.high == pytest.approx(0.5 + 1.96 * 0.05)

    @pytest.mark.parametrize(
        ("k", "verdict"),
        [
            (402, Verdict.USUAL),
            (401, Verdict.WORSE),
            (598, Verdict.USUAL),
            (599, Verdict.BETTER),
        ],
    )
    def test_a_rate_on_a_limit_is_as_usual(self, k, verdict):
        # 0.5 ± 1.96 · 0.05, which is 40.2 and 59.8 %: of 100 a week, in tenths.
        judgement = judge(Decimal(k) / 10, 100, [(50, 100)] * 8)
        assert judgement.verdict is verdict

    @pytest.mark.parametrize(
        ("higher_is_better", "low", "high"),
        [
            (True, Verdict.WORSE, Verdict.BETTER),
            (False, Verdict.BETTER, Verdict.WORSE),
            (None, Verdict.DIFFERENT, Verdict.DIFFERENT),
        ],
    )
    def test_the_direction_decides_between_better_and_worse(self, higher_is_better, low, high):
        earlier = [(50, 100)] * 8
        direction = {"higher_is_better": higher_is_better}
        assert judge(20, 100, earlier, **direction).verdict is low
        assert judge(80, 100, earlier, **direction).verdict is high
        assert judge(50, 100, earlier, **direction).verdict is Verdict.USUAL

    def test_more_than_all_is_no_obstacle(self):
        judgement = judge(21, 20, [(10, 20), (22, 20)] * 4)
        assert (judgement.rate, judgement.verdict, judgement.reason) == (1.05, Verdict.USUAL, "")
        assert judgement.high > 1

    def test_the_lower_end_is_drawn_at_0_or_above(self):
        judgement = judge(0, 5, [(1, 20)] * 8)
        assert judgement.low < 0
        assert judgement.drawn_low == 0
        assert judge(5, 5, []).drawn_low is None

    def test_only_the_last_26_positions_count(self):
        earlier = [(100, 100)] * 5 + [(30, 100)] * 13 + [None] * 5 + [(30, 100)] * 8
        judgement = judge(30, 100, earlier)
        assert (judgement.usual_rate, judgement.weeks_counted) == (0.3, 21)

    def test_a_missing_or_short_week_is_left_out_and_no_move_leads_across_it(self):
        steady = [(40, 100), (None, 100), (60, 100), None] * 3 + [(40, 100), (40, 100), (60, 100)]
        judgement = judge(50, 100, steady)
        assert judgement.weeks_counted == 9
        p = (5 * 40 + 4 * 60) / 900
        z = {k: (k / 100 - p) / sqrt(p * (1 - p) / 100) for k in (40, 60)}
        sigma_z = (0 + z[60] - z[40]) / 2 / 1.128
        assert judgement.high == pytest.approx(p + 1.96 * sigma_z * sqrt(p * (1 - p) / 100))

    def test_a_week_of_no_cases_counts_in_the_sums_and_has_no_rate(self):
        judgement = judge(50, 100, [(50, 100)] * 8 + [(8, 0)])
        assert (judgement.usual_rate, judgement.weeks_counted) == (408 / 800, 8)

    @pytest.mark.parametrize(
        ("k", "n", "earlier", "reason"),
        [
            (None, 20, [(5, 10)] * 8, MISSING),
            (5, None, [(5, 10)] * 8, MISSING),
            (0, 0, [(5, 10)] * 8, TOO_FEW_CASES),
            (2, 4, [(5, 10)] * 8, TOO_FEW_CASES),
            (5, 20, [], TOO_FEW_WEEKS),
            (5, 20, [(5, 10)] * 7 + [(None, 10), (5, None), None, (0, 0)], TOO_FEW_WEEKS),
            (5, 20, [(5, 10)] * 8 + [None] * 19, TOO_FEW_WEEKS),
            (5, 20, [(0, 0)] * 8, TOO_FEW_WEEKS),
            (5, 20, [(0, 10)] * 8, NOBODY),
            (5, 20, [(10, 10)] * 8, ALL),
            (5, 20, [(11, 10)] * 8, ALL),
            (5, 20, [(5, 10), None] * 8, NO_NEIGHBOURS),
        ],
    )
    def test_is_unknown_and_says_why(self, k, n, earlier, reason):
        judgement = judge(k, n, earlier)
        assert (judgement.verdict, judgement.reason) == (Verdict.UNKNOWN, reason)
        assert judgement.low is judgement.high is None

    def test_a_short_week_is_not_judged_and_shows_its_rate(self):
        judgement = judge(1, 20, [(5, 10)] * 8, is_short=True)
        assert (judgement.verdict, judgement.rate) == (Verdict.UNKNOWN, 0.05)
        assert judgement.reason == "This week is marked as short."

    def test_a_week_after_a_short_one_is_not_judged(self):
        judgement = judge(1, 20, [*[(5, 10)] * 8, None], follows_short=True)
        assert (judgement.verdict, judgement.rate) == (Verdict.UNKNOWN, 0.05)
        assert judgement.reason == (
            "The week before was short, so part of its usual effect is missing."
        )

    def test_five_cases_and_eight_weeks_are_enough(self):
        assert judge(5, 5, [(1, 100)] * 8).verdict is Verdict.BETTER

    @given(weekly_pairs, st.integers(0, 60))
    def test_a_later_week_changes_no_earlier_judgement(self, weeks, cut):
        whole = [judge(*(pair or (None, None)), weeks[:i]) for i, pair in enumerate(weeks)]
        part = weeks[:cut]
        assert whole[:cut] == [
            judge(*(pair or (None, None)), part[:i]) for i, pair in enumerate(part)
        ]

    @given(weekly_pairs, st.integers(0, 200), st.integers(0, 200))
    def test_says_a_verdict_with_a_range_or_a_reason_without(self, earlier, k, n):
        judgement = judge(k, n, earlier)
        if judgement.reason:
            assert judgement.verdict is Verdict.UNKNOWN
            assert judgement.low is judgement.high is None
        else:
            assert judgement.low < judgement.usual_rate < judgement.high
            inside = judgement.low <= judgement.rate <= judgement.high
            assert (judgement.verdict is Verdict.USUAL) == inside
