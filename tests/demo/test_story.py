"""funnel/demo/story.py: plausible on any day with any seed, and the dip is seen."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest

from funnel.demo.plots import HARBOR, LUMINA, plots
from funnel.demo.story import holiday_in, numbers, ratings, spending
from funnel.domain import gap
from funnel.domain.conversion import judge
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week

# Reported: the weeks of New Year, Independence Day and Thanksgiving, and weeks like any other.
DAYS = (
    date(2026, 1, 6),
    date(2026, 3, 3),
    date(2026, 7, 7),
    date(2026, 8, 18),
    date(2026, 11, 24),
    date(2026, 12, 1),
)
SEEDS = range(1, 13)


def chance(seed):
    return Random(seed)  # noqa: S311 - made-up numbers, not secrets


def told(day=date(2026, 11, 24), weeks=60):
    return Week.running(day).back(weeks)


def verdict_of(step, weeks, stages):
    """The verdict on a step in the last week, holidays being short weeks."""
    short = [holiday_in(week) is not None for week in weeks]
    pairs = [(week[step], week[step - 1]) for week in stages]
    earlier = [None if off else pair for pair, off in zip(pairs, short, strict=True)]
    return judge(*pairs[-1], earlier[:-1], is_short=short[-1], follows_short=short[-2]).verdict


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("plot", [LUMINA, HARBOR], ids=lambda plot: plot.slug)
def test_the_dip_is_worse_than_usual_and_the_biggest_leak(plot, day):
    dip, weeks = plot.funnel.dip, told(day)
    # A week with a holiday is not judged, nor is the week after it.
    is_judged = not any(holiday_in(week) for week in weeks[-2:])
    for seed in SEEDS:
        stages = numbers(plot.funnel, weeks, chance(seed))
        expected = Verdict.WORSE if is_judged else Verdict.UNKNOWN
        assert verdict_of(dip, weeks, stages) == expected
        split = gap.split(gap.expected_from_targets(plot.targets), stages[-1])
        assert gap.biggest_leak(split.parts) == dip


@pytest.mark.parametrize("plot", [LUMINA, HARBOR], ids=lambda plot: plot.slug)
def test_the_other_step_is_as_usual(plot):
    other = 3 - plot.funnel.dip
    for seed in SEEDS:
        stages = numbers(plot.funnel, told(), chance(seed))
        assert verdict_of(other, told(), stages) == Verdict.USUAL


def test_before_the_dip_a_usual_week_meets_its_targets_now_and_then():
    weeks = numbers(LUMINA.funnel, told(), chance(1))[-13:-3]
    met = [week[1] >= LUMINA.targets[1] for week in weeks]
    assert any(met)


def test_no_stage_is_wider_than_the_one_before_and_none_is_empty():
    for plot, rng in plots(30, seed=3):
        for week in numbers(plot.funnel, told(), rng):
            assert list(week) == sorted(week, reverse=True)
            assert week[-1] > 0


def test_the_same_seed_tells_the_same_story_and_another_another():
    again = [numbers(LUMINA.funnel, told(), chance(seed)) for seed in (1, 1, 2)]
    assert again[0] == again[1] != again[2]


def test_holidays_are_quiet_weeks():
    weeks = told(date(2026, 3, 3))
    leads = dict(
        zip(weeks, (week[0] for week in numbers(LUMINA.funnel, weeks, chance(1))), strict=True)
    )
    for holiday, usual in (
        ("2025-W52", "2025-W50"),
        ("2026-W01", "2026-W03"),
        ("2025-W48", "2025-W46"),
    ):
        assert leads[Week.parse(holiday)] < 0.8 * leads[Week.parse(usual)]


def test_the_practice_grows_slowly():
    weeks = [week[0] for week in numbers(LUMINA.funnel, told(weeks=160), chance(1))]
    same_season = weeks[:52], weeks[104:156]
    before, after = (sum(leads) for leads in same_season)
    assert 1.05 < after / before < 1.4


def test_a_rating_has_one_decimal_and_lies_below_five():
    given = ratings(told(), chance(1))
    assert len(given) == 60
    assert all(Decimal("4.4") <= rating <= Decimal("4.9") for rating in given)
    assert given == [rating.quantize(Decimal("0.1")) for rating in given]


@pytest.mark.parametrize("weeks", [1, 2, 520])
def test_tells_as_many_weeks_as_asked(weeks):
    assert len(numbers(LUMINA.funnel, told(weeks=weeks), chance(1))) == weeks


def test_a_practice_does_not_depend_on_how_many_there_are():
    few, many = (
        [(plot.slug, plot.name, rng.random()) for plot, rng in plots(count, seed=1)]
        for count in (3, 9)
    )
    assert few == many[:3]
    assert [slug for slug, *_ in few] == ["lumina", "harbor", "practice-03"]


def test_marketing_costs_about_75_a_lead_in_whole_tens():
    leads = [week[0] for week in numbers(LUMINA.funnel, told(), chance(1))]
    spent = spending(leads, chance(2))
    assert all(amount % 10 == 0 for amount in spent)
    assert 65 < sum(spent) / sum(leads) < 85
