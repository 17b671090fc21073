from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.conversion import Judgement, Usual, judge, pooled, step_rate, wilson

MORE_THAN_ALL = "More went on than came in this week; some came in an earlier week."
TOO_FEW_WEEKS = "Fewer than 4 earlier weeks have both numbers."


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
    # 81 of 263 is 30.8 %, its interval 25.53 % to 36.62 %.
    @pytest.mark.parametrize(
        ("each_week", "verdict"),
        [
            ((25, 100), Usual.DIFFERENT),
            ((26, 100), Usual.USUAL),
            ((36, 100), Usual.USUAL),
            ((37, 100), Usual.DIFFERENT),
        ],
    )
    def test_is_different_when_the_usual_rate_is_outside_the_interval(self, each_week, verdict):
        judgement = judge(81, 263, [each_week] * 4)
        assert (judgement.verdict, judgement.reason) == (verdict, "")

    def test_says_what_it_was_judged_by(self):
        judgement = judge(
            Decimal(10), Decimal(40), [(10, 40), (None, 40), (12, 40), (9, 40), (9, 40)]
        )
        assert judgement == Judgement(
            verdict=Usual.USUAL,
            rate=0.25,
            interval=wilson(10, 40),
            usual_rate=0.25,
            weeks_counted=4,
            reason="",
        )

    def test_a_usual_rate_on_the_edge_of_the_interval_is_usual(self):
        assert judge(0, 20, [(0, 10)] * 4).verdict is Usual.USUAL

    def test_only_the_last_13_weeks_count(self):
        judgement = judge(81, 263, [(100, 100)] * 5 + [(30, 100)] * 13)
        assert judgement.verdict is Usual.USUAL
        assert judgement.weeks_counted == 13
        assert judgement.usual_rate == 0.3

    @pytest.mark.parametrize(
        ("k", "n", "earlier", "reason"),
        [
            (None, 20, [(5, 10)] * 4, "A number is missing this week."),
            (5, None, [(5, 10)] * 4, "A number is missing this week."),
            (0, 0, [(5, 10)] * 4, "Fewer than 5 this week to take a share of."),
            (2, 4, [(5, 10)] * 4, "Fewer than 5 this week to take a share of."),
            (21, 20, [(5, 10)] * 4, MORE_THAN_ALL),
            (5, 20, [], TOO_FEW_WEEKS),
            (5, 20, [(5, 10)] * 3 + [(None, 10), (5, None)], TOO_FEW_WEEKS),
            (5, 20, [(0, 0)] * 4, "The earlier weeks have nothing to take a share of."),
        ],
    )
    def test_says_why_it_cannot_say(self, k, n, earlier, reason):
        judgement = judge(k, n, earlier)
        assert (judgement.verdict, judgement.reason) == (Usual.UNSURE, reason)

    def test_shows_a_rate_over_all_without_an_interval(self):
        judgement = judge(21, 20, [(5, 10)] * 4)
        assert (judgement.rate, judgement.interval, judgement.usual_rate) == (1.05, None, 0.5)

    def test_five_cases_and_four_weeks_are_enough(self):
        assert judge(5, 5, [(1, 100)] * 4).verdict is Usual.DIFFERENT

    def test_the_verdict_is_its_words(self):
        assert [str(verdict) for verdict in Usual] == [
            "within the usual range",
            "different from usual",
            "too few to say",
        ]
