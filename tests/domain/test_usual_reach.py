"""domain/usual.py: how far back a reading looks."""

import random
from dataclasses import replace

import pytest

from funnel.domain.usual import RUN_WEEKS, WEEKS_BACK, Run, read
from tests.domain.simulation import thursdays

WEEKS = 420
MONTHS = thursdays(0, WEEKS)
REACH = WEEKS_BACK + RUN_WEEKS


def rising(rng):
    """A run that never ends, and too many missing weeks for a season."""
    return [10 * week + rng.randint(0, 4) if week % 4 else None for week in range(WEEKS)]


def gaps(rng):
    """Years of numbers with holes of up to a year."""
    values = [rng.choice((None, *[rng.randint(60, 140)] * 9)) for _ in range(WEEKS)]
    for _ in range(6):
        begin, length = rng.randrange(WEEKS), rng.randint(5, 60)
        values[begin : begin + length] = [None] * len(values[begin : begin + length])
    return values


def steps(rng):
    """A level that changes now and then."""
    level, values = 100, []
    for _ in range(WEEKS):
        level = rng.choice((level, *[level] * 15, rng.randint(50, 150)))
        values.append(level + rng.randint(-9, 9) + rng.choice((0, 0, 0.25)))
    return values


def moved(reading, by):
    """The reading as it is with so many weeks cut off."""

    def earlier(signals):
        return tuple(replace(s, weeks=tuple(week - by for week in s.weeks)) for s in signals)

    def since(run):
        return run and Run(run.since - by, run.is_high)

    return replace(
        reading,
        week=reading.week - by,
        signals=earlier(reading.signals),
        drifts=earlier(reading.drifts),
        run=since(reading.run),
        drift=since(reading.drift),
    )


@pytest.mark.parametrize("kind", [rising, gaps, steps])
@pytest.mark.parametrize("seed", range(4))
def test_a_reading_depends_on_no_week_further_back(kind, seed):
    rng = random.Random(seed)  # noqa: S311
    values = kind(rng)
    short = [rng.random() < 0.05 for _ in values]
    whole = read(values, months=MONTHS, short=short)
    for week in (*range(REACH, WEEKS, 19), WEEKS - 1):
        cut = week - REACH
        found = read(values[cut:], months=MONTHS[cut:], short=short[cut:], first=week - cut)
        assert found[0] == moved(whole[week], cut)


@pytest.mark.parametrize("seed", range(4))
def test_on_a_baseline_it_depends_on_no_week_further_before_its_start(seed):
    rng = random.Random(seed)  # noqa: S311
    values = steps(rng)
    start = WEEKS_BACK + 10
    cut = start - WEEKS_BACK
    whole = read(values, months=MONTHS, baselines=[(start, None)])
    for week in range(start, WEEKS, 19):
        baseline = (start - cut, None)
        found = read(values[cut:], months=MONTHS[cut:], baselines=[baseline], first=week - cut)
        assert found[0] == moved(whole[week], cut)


def test_a_run_that_never_ends_is_one_run_and_news_once():
    rng = random.Random(1)  # noqa: S311
    readings = read(rising(rng), months=MONTHS)[120:]
    assert all(reading.run for reading in readings)
    assert not any(reading.has_begun or reading.has_ended for reading in readings)
    assert {reading.week - reading.run.since for reading in readings[-50:]} <= set(
        range(RUN_WEEKS - 2, RUN_WEEKS + 8)
    )


@pytest.mark.parametrize(("before", "is_known"), [(0, True), (60, True), (300, True)])
def test_the_season_does_not_depend_on_where_the_values_begin(before, is_known):
    values = [None] * before + [90, 110] * 60
    months = thursdays(0, before + 120)
    last = read(values, months=months, first=before + 119)[0]
    assert last.is_season_known is is_known
    assert last.limits == read(values[before:], months=months[before:], first=119)[0].limits
