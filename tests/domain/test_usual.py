from decimal import Decimal
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.domain.usual import Reading, Run, read, verdicts
from funnel.domain.variation import ChartRule, Limits, Signal
from funnel.domain.verdict import Verdict
from tests.domain.plain import plain_signals, plain_usual
from tests.domain.simulation import thursdays
from tests.domain.test_variation import WHEELER

# Mean 100, mean range 20: limits 46.8 and 153.2, leaning below 73.4 and above 126.6.
CALM = [90, 110] * 13
SIX_HUNDRED = thursdays(0, 600)

weekly = st.none() | st.integers(60, 140)
marked = st.lists(st.tuples(weekly, st.sampled_from([False] * 9 + [True])), max_size=70)


def readings(values, **options):
    return read(values, months=SIX_HUNDRED[: len(values)], **options)


def last(values, **options):
    return readings(values, **options)[-1]


def outcomes(values, *, higher_is_better=True, **options):
    return verdicts(readings(values, **options), higher_is_better=higher_is_better)


def signals_of(reading):
    """Signals and drifts of a week alike: (rule, weeks, is_high)."""
    return [(s.rule, s.weeks, s.is_high) for s in reading.signals + reading.drifts]


def seasonal(weeks, index, growth=0.0):
    """A level of 100, growing evenly, times the month's index, and up and down by 2 %."""
    return [
        (98, 102)[week % 2] * (1 + growth) ** (week / 52) * index[SIX_HUNDRED[week] - 1]
        for week in range(weeks)
    ]


class TestLimits:
    def test_come_from_the_26_weeks_before(self):
        week = last([500] * 5 + CALM + [100])
        assert week.limits == Limits(100.0, 20.0, 26)
        assert (week.limits.lower, week.limits.upper) == pytest.approx((46.8, 153.2))
        assert week.limits.range_limit == pytest.approx(65.36)

    def test_do_not_depend_on_the_week_itself(self):
        assert last([*CALM, 1]).limits == last([*CALM, 999]).limits == last([*CALM, None]).limits

    @pytest.mark.parametrize(("before", "count"), [(7, None), (8, 8), (25, 25), (26, 26), (40, 26)])
    def test_need_eight_weeks_and_take_26(self, before, count):
        limits = last([*([90, 110] * 20)[:before], 100]).limits
        assert (None if limits is None else limits.count) == count

    def test_reach_back_over_missing_weeks_without_a_range_across_them(self):
        week = last([50, 50, *[100, 110, None, 200, 190] * 6, 5, None])
        assert week.limits.count == 26
        assert week.limits.mean_range == fmean([50] + [10] * 12 + [90] * 5 + [185])

    def test_leave_a_short_week_out_as_if_it_were_not_there(self):
        values = [*CALM[:10], 3, *CALM[10:], 100]
        short = [week == 10 for week in range(len(values))]
        assert last(values, short=short).limits == Limits(100.0, 20.0, 26)
        values[10] = None
        assert last(values, short=short).limits == Limits(100.0, 20.0, 26)

    @pytest.mark.parametrize("values", [[None] * 40, [90, None] * 25, [90] * 7 + [None] * 30])
    def test_there_are_none_without_enough_weeks_or_neighbours(self, values):
        week = last([*values, 100])
        assert week.limits is None
        assert (week.is_judged, week.signals, week.drifts) == (False, (), ())

    def test_are_the_same_for_every_type_of_number(self):
        values = [*CALM, 30]
        assert readings(values) == readings([Decimal(value) for value in values])

    def test_nothing_gives_nothing(self):
        assert readings([]) == readings([1, 2], first=2) == readings([1, 2], first=5) == ()

    @pytest.mark.parametrize(
        ("values", "months", "short"), [([1, 2], [1], ()), ([1, 2], [1, 1], [True]), ([], [1], ())]
    )
    def test_refuse_lists_of_different_lengths(self, values, months, short):
        with pytest.raises(ValueError, match="Every week needs"):
            read(values, months=months, short=short)


class TestSignals:
    @pytest.mark.parametrize(
        ("value", "side"), [(153.3, True), (153.2, None), (46.8, None), (46.7, False)]
    )
    def test_outside_is_strictly_beyond_a_limit(self, value, side):
        found = [] if side is None else [(ChartRule.OUTSIDE, (26,), side)]
        assert signals_of(last([*CALM, value])) == found

    @pytest.mark.parametrize(
        ("four", "weeks"),
        [
            ([130, 130, 130, 130], (26, 27, 28, 29)),
            ([130, 100, 130, 130], (26, 28, 29)),
            ([130, 130, 60, 130], (26, 27, 29)),
            ([130, 130, 130, 100], None),
            ([130, 130, None, 130], None),
            ([126.6, 126.6, 126.6, 126.6], None),
        ],
    )
    def test_leaning_is_by_the_weeks_before_the_four(self, four, weeks):
        # By the weeks before the last alone the limits would be wider than 126.6.
        found = [] if weeks is None else [(ChartRule.LEANING, weeks, True)]
        assert signals_of(last(CALM + four)) == found

    @pytest.mark.parametrize(
        ("eight", "is_shifted"),
        [
            ([101] * 8, True),
            ([101] * 7 + [100], False),
            ([101] * 4 + [100] + [101] * 3, False),
            ([101] * 4 + [None] + [101] * 4, False),
            ([100] * 8, False),
        ],
    )
    def test_shifted_is_by_the_weeks_before_the_eight(self, eight, is_shifted):
        found = [(ChartRule.SHIFTED, tuple(range(26, 34)), True)] if is_shifted else []
        assert signals_of(last(CALM + eight)) == found

    def test_a_short_week_inside_a_run_neither_counts_nor_ends_it(self):
        values = CALM + [101] * 4 + [7] + [101] * 4
        short = [week == 30 for week in range(len(values))]
        weeks = (26, 27, 28, 29, 31, 32, 33, 34)
        assert signals_of(last(values, short=short)) == [(ChartRule.SHIFTED, weeks, True)]

    def test_a_short_or_missing_week_is_not_judged(self):
        short = [False] * 26 + [True]
        for week in (last([*CALM, 1], short=short), last([*CALM, None])):
            assert (week.is_judged, signals_of(week)) == (False, [])
            assert week.limits == Limits(100.0, 20.0, 26)

    def test_without_a_known_season_only_outside_is_a_signal(self):
        week = last(CALM + [40] * 8)
        assert {s.rule for s in week.drifts} == {ChartRule.LEANING, ChartRule.SHIFTED}
        assert week.signals == ()
        assert not week.is_season_known

    def test_with_a_known_season_all_three_are(self):
        week = last([90, 110] * 60 + [40] * 8)
        assert {s.rule for s in week.signals} == {ChartRule.LEANING, ChartRule.SHIFTED}
        assert (week.drifts, week.is_season_known) == ((), True)

    @pytest.mark.parametrize("value", [0, 7, 0.1, Decimal("0.07"), 999_999_999.99])
    def test_a_number_that_never_moves_has_none(self, value):
        assert all(not signals_of(week) for week in readings([value] * 150))

    def test_after_a_number_that_never_moved_any_other_is_outside(self):
        week = last([5] * 30 + [6])
        assert signals_of(week) == [(ChartRule.OUTSIDE, (30,), True)]

    @given(marked)
    def test_are_what_a_plain_reading_of_the_rules_gives(self, weeks):
        values, short = [value for value, _ in weeks], [mark for _, mark in weeks]
        for reading in readings(values, short=short):
            assert reading.limits == plain_usual(values, short, reading.week)
            assert signals_of(reading) == plain_signals(values, short, reading.week)


class TestBaseline:
    def test_is_the_first_twenty_weeks_and_frozen(self):
        twice = WHEELER[:15] * 2
        for week in readings(twice, baselines=[(0, None)], first=20):
            # 82,978 / 20, and 6,569 / 19 for the ranges.
            assert week.limits.mean == pytest.approx(4148.9)
            assert week.limits.mean_range == pytest.approx(345.7368, abs=0.0001)
            assert week.limits.lower == pytest.approx(3229.24, abs=0.01)
            assert week.limits.upper == pytest.approx(5068.56, abs=0.01)
            assert (week.limits.count, week.is_on_baseline) == (20, True)

    def test_has_limits_from_eight_weeks_since_its_start(self):
        weeks = readings(CALM + [50, 60] * 12, baselines=[(26, None)])
        assert [week.limits is None for week in weeks[24:36]] == [False] * 2 + [True] * 8 + [
            False
        ] * 2
        assert [week.limits.count for week in weeks[34:]] == [*range(8, 20), 20, 20, 20, 20]
        assert weeks[24].limits.mean == 100
        assert weeks[34].limits.mean == 55

    def test_gives_mean_and_range_to_all_three_rules(self):
        calm = [90, 110] * 10
        week = last(calm + [100] * 30 + [101] * 8, baselines=[(0, None)])
        assert week.limits == Limits(100.0, 20.0, 20)
        assert signals_of(week) == [(ChartRule.SHIFTED, tuple(range(50, 58)), True)]
        week = last(calm + [200] * 30 + [130, 130, 130, 130], baselines=[(0, None)])
        assert (ChartRule.LEANING, (50, 51, 52, 53), True) in signals_of(week)

    def test_ends_where_it_is_taken_away(self):
        values = CALM + [50, 60] * 20
        weeks = readings(values, baselines=[(0, 50)])
        assert weeks[49].limits == Limits(100.0, 20.0, 20)
        assert weeks[50].limits == readings(values)[50].limits
        assert [week.is_on_baseline for week in weeks] == [True] * 50 + [False] * 16

    def test_a_later_one_takes_over(self):
        values = CALM + [50, 60] * 20
        weeks = readings(values, baselines=[(0, None), (26, None)])
        assert weeks[25].limits.mean == 100
        assert weeks[65].limits.mean == 55
        ended = readings(values, baselines=[(0, None), (26, 60)])
        assert not ended[65].is_on_baseline

    def test_needs_the_values_from_its_start_on(self):
        with pytest.raises(ValueError, match="from its start"):
            readings(CALM, baselines=[(-1, None)])

    def test_no_run_crosses_its_start(self):
        values = [*CALM, 10, 10, *[50, 60] * 10]
        weeks = readings(values, baselines=[(28, None)])
        assert weeks[27].run == Run(26, is_high=False)
        assert [week.run for week in weeks[28:]] == [None] * 20
        assert not any(week.has_ended for week in weeks)


class TestSeason:
    INDEX = (0.8, 0.8, 0.9, 1.0, 1.1, 1.2, 1.2, 1.2, 1.1, 1.0, 0.9, 0.8)

    @pytest.mark.parametrize(("weeks", "is_known"), [(103, False), (104, True), (300, True)])
    def test_is_known_after_two_whole_years(self, weeks, is_known):
        assert last([90, 110] * (weeks // 2) + [100] * (weeks % 2 + 1)).is_season_known is is_known

    @pytest.mark.parametrize(("missing", "is_known"), [(24, True), (25, False)])
    def test_needs_eighty_weeks_of_them(self, missing, is_known):
        assert last([90, 110] * 40 + [None] * missing + [100] * (25 - missing)).week == 104
        values = [90, 110] * 30 + [None] * missing + [90] * (104 - 60 - missing) + [100]
        assert last(values).is_season_known is is_known

    @pytest.mark.parametrize("growth", [0, 0.1, -0.1])
    def test_is_taken_out_and_drawn_back_into_the_limits(self, growth):
        values = seasonal(312, self.INDEX, growth=growth)
        for week in readings(values, first=156):
            # A growing number is a quarter of a year ahead of its usual range, and the months of
            # the end of a year seem better than those of its beginning.
            assert week.limits.mean == pytest.approx(
                values[week.week], rel=0.03 + 1.2 * abs(growth)
            )
            assert (ChartRule.OUTSIDE not in [s.rule for s in week.signals]) or growth

    def test_makes_no_signals_of_itself(self):
        assert not any(week.signals for week in readings(seasonal(312, self.INDEX), first=104))

    def test_is_that_of_the_years_before_the_week(self):
        values = seasonal(104, (1,) * 12) + seasonal(160, self.INDEX)[104:]
        assert readings(values)[104].limits.mean == pytest.approx(100, abs=0.5)

    def test_weeks_of_a_month_in_which_nothing_ever_happens_are_not_judged(self):
        index = (1,) * 7 + (0,) + (1,) * 4
        for week in readings(seasonal(220, index), first=104):
            assert week.is_judged == (SIX_HUNDRED[week.week] != 8)
            assert all(signal.is_high for signal in week.signals)


class TestPast:
    @given(marked, st.data())
    def test_a_later_week_changes_no_earlier_reading(self, weeks, data):
        values, short = [value for value, _ in weeks], [mark for _, mark in weeks]
        cut = data.draw(st.integers(0, len(weeks)))
        begin = data.draw(st.integers(0, 70))
        baselines = [(begin, data.draw(st.none() | st.integers(begin, 70)))]
        whole = readings(values, short=short, baselines=baselines)
        part = readings(values[:cut], short=short[:cut], baselines=baselines)
        assert part == whole[:cut]
        assert verdicts(part, higher_is_better=True) == verdicts(whole, higher_is_better=True)[:cut]

    @given(marked, st.integers(0, 70), st.integers(0, 70))
    def test_a_reading_does_not_depend_on_the_first_asked_for(self, weeks, first, begin):
        values, short = [value for value, _ in weeks], [mark for _, mark in weeks]
        options = {"short": short, "baselines": [(begin, None)]}
        assert readings(values, first=first, **options) == readings(values, **options)[first:]

    @given(st.randoms(use_true_random=False))
    @settings(max_examples=25)
    def test_both_hold_with_a_season(self, rng):
        values = [rng.choice([None, *range(60, 140)]) for _ in range(200)]
        short = [rng.random() < 0.04 for _ in values]
        baselines = [(rng.randrange(200), None)] if rng.random() < 0.5 else []
        whole = readings(values, short=short, baselines=baselines)
        for cut in (110, 150, 170, 199):
            options = {"short": short[:cut], "baselines": baselines}
            assert readings(values[:cut], **options) == whole[:cut]
            assert readings(values[:cut], first=cut - 3, **options) == whole[cut - 3 : cut]


class TestVerdicts:
    @pytest.mark.parametrize(
        ("higher_is_better", "value", "verdict"),
        [
            (True, 10, Verdict.WORSE),
            (True, 190, Verdict.BETTER),
            (False, 10, Verdict.BETTER),
            (False, 190, Verdict.WORSE),
            (None, 10, Verdict.DIFFERENT),
            (None, 190, Verdict.DIFFERENT),
            (True, 100, Verdict.USUAL),
            (True, None, Verdict.UNKNOWN),
        ],
    )
    def test_are_by_the_direction(self, higher_is_better, value, verdict):
        found = outcomes([*CALM, value], higher_is_better=higher_is_better)
        assert found[-1].verdict is verdict

    def test_too_few_weeks_are_unknown(self):
        found = [outcome.verdict for outcome in outcomes([90, 110] * 5)]
        assert found == [Verdict.UNKNOWN] * 8 + [Verdict.USUAL] * 2

    def test_a_drift_is_no_verdict(self):
        week = last(CALM + [40] * 8)
        assert week.drift == Run(26, is_high=False)
        assert outcomes(CALM + [101] * 8)[-1].verdict is Verdict.USUAL

    def test_a_run_is_news_in_its_first_week_and_in_the_week_it_ends(self):
        values = [*CALM, 10, 12, None, 11, 100, 100]
        found = outcomes(values)[26:]
        assert [outcome.is_news for outcome in found] == [True, False, False, False, True, False]
        assert [outcome.has_ended for outcome in found] == [False] * 4 + [True, False]
        assert [outcome.since for outcome in found] == [26, 26, 26, 26, None, None]

    def test_a_week_that_still_leans_does_not_end_a_run(self):
        found = outcomes([*CALM, 10, 60, 10, 50, 100])[26:]
        assert [outcome.is_news for outcome in found] == [True, False, False, False, True]
        assert [outcome.since for outcome in found] == [26, 26, 26, 26, None]
        assert found[1].verdict is Verdict.USUAL

    def test_a_run_to_the_other_side_is_a_new_one(self):
        found = outcomes([*CALM, 10, 250])[26:]
        assert [(o.since, o.is_news, o.has_ended) for o in found] == [
            (26, True, False),
            (27, True, False),
        ]

    def test_a_shift_is_dated_from_its_first_week(self):
        found = outcomes([90, 110] * 60 + [96] * 9)
        assert [(o.verdict, o.since, o.is_news) for o in found[-3:]] == [
            (Verdict.USUAL, None, False),
            (Verdict.WORSE, 120, True),
            (Verdict.WORSE, 120, False),
        ]

    def test_of_signals_both_ways_the_first_rule_decides(self):
        both = (Signal(ChartRule.OUTSIDE, (9,), True), Signal(ChartRule.SHIFTED, (8, 9), False))
        run = Run(9, is_high=True)
        week = Reading(9, Limits(1.0, 1.0, 8), both, (), True, True, False, run, True, False, None)
        (found,) = verdicts([week], higher_is_better=True)
        assert (found.verdict, found.since) == (Verdict.BETTER, 9)
