"""Usual range and verdict of each week (docs/measures.md#behaviour-of-one-number-over-time)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import NamedTuple

from funnel.domain.numbers import Number
from funnel.domain.season import LEAST_INDEX, YEAR, YEARS, Season
from funnel.domain.variation import FEWEST, FULL, LIMIT, NEAR, ChartRule, Limits, Signal, rounding
from funnel.domain.verdict import Verdict

# Counted weeks before that make the usual range.
USUAL_WEEKS = 26
# A week is compared with at most this many weeks before it (three years for the season), unless a
# baseline started earlier.
WEEKS_BACK = YEARS * YEAR
# A longer run counts from the first signal in this many weeks, unless on a baseline.
RUN_WEEKS = 90

# Successive weeks of the two longer rules, and how many of the first must lean.
LEANING_WEEKS, LEANING_NEEDED = 4, 3
SHIFTED_WEEKS = 8

Baseline = tuple[int, int | None]


class Run(NamedTuple):
    since: int
    is_high: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One week against its usual range; weeks are indexes.

    `limits` are None with too few weeks before or in a month with less than a tenth of the usual.
    While the season is unknown, leaning and shifted are in `drifts`.
    """

    week: int
    limits: Limits | None
    signals: tuple[Signal, ...]
    drifts: tuple[Signal, ...]
    is_judged: bool
    is_season_known: bool
    is_on_baseline: bool
    run: Run | None
    has_begun: bool
    has_ended: bool
    drift: Run | None


@dataclass(frozen=True, slots=True)
class WeekOutcome:
    """`since` is the first week of the open run."""

    verdict: Verdict
    since: int | None
    is_news: bool
    has_ended: bool


def read(
    values: Sequence[Number | None],
    *,
    months: Sequence[int],
    short: Sequence[bool] = (),
    baselines: Sequence[Baseline] = (),
    first: int = 0,
) -> tuple[Reading, ...]:
    """Read the completed weeks from index `first` on.

    `values` are oldest first; `months` of the Thursdays; `baselines` are (start, end exclusive or
    None), with limits from 20 counted weeks. Raises ValueError for a start before the values.

    Missing weeks break ranges and rules; short ones are skipped (power for a fall of 40 % in four
    weeks: 85 %, else 81 %). Values more than WEEKS_BACK + RUN_WEEKS before (on a baseline:
    WEEKS_BACK before its start) do not matter.
    """
    if any(start < 0 for start, _ in baselines):
        raise ValueError("A baseline needs the values from its start on.")
    series = _Series(values, months, short, baselines)
    start, known = _begin(series, first)
    readings = []
    run: Run | None = None
    drift: Run | None = None
    # The weeks that determine run and drift.
    steps: list[_Assessment] = []
    for week in range(start, len(values)):
        now = known.get(week) or series.assess(week)
        if series.is_cut(week):
            run = drift = None
            steps.clear()
        earlier = run
        steps.append(now)
        if len(steps) > RUN_WEEKS and not now.is_on_baseline:
            del steps[0]
            run, drift = _follow_all(steps)
        elif now.is_judged:
            run = _follow(run, now.signals, now.side)
            drift = _follow(drift, now.drifts, now.side)
        if run is None and drift is None:
            steps.clear()
        if week >= first:
            readings.append(
                Reading(
                    week,
                    now.limits,
                    now.signals,
                    now.drifts,
                    now.is_judged,
                    now.is_season_known,
                    now.is_on_baseline,
                    run,
                    run is not None and (earlier is None or earlier.is_high != run.is_high),
                    run is None and earlier is not None,
                    drift,
                )
            )
    return tuple(readings)


def verdicts(
    readings: Sequence[Reading], *, higher_is_better: bool | None
) -> tuple[WeekOutcome, ...]:
    """With signals both ways the first rule decides."""
    outcomes = []
    for reading in readings:
        verdict = Verdict.USUAL if reading.is_judged else Verdict.UNKNOWN
        if reading.signals:
            verdict = Verdict.of(
                is_high=reading.signals[0].is_high, higher_is_better=higher_is_better
            )
        since = None if reading.run is None else reading.run.since
        is_news = reading.has_begun or reading.has_ended
        outcomes.append(WeekOutcome(verdict, since, is_news, reading.has_ended))
    return tuple(outcomes)


class _Assessment(NamedTuple):
    """`side` is 1 or -1 nearer that limit than the mean, else 0."""

    limits: Limits | None
    signals: tuple[Signal, ...]
    drifts: tuple[Signal, ...]
    side: int
    is_judged: bool
    is_season_known: bool
    is_on_baseline: bool

    @property
    def is_calm(self) -> bool:
        return self.is_judged and not self.signals and not self.drifts and self.side == 0


def _begin(series: "_Series", first: int) -> tuple[int, dict[int, "_Assessment"]]:
    known: dict[int, _Assessment] = {}
    start = max(0, first)
    while 0 < start < len(series.month_of) and not series.is_cut(start):
        if start <= first - RUN_WEEKS and series.baseline(start) is None:
            break
        known[start - 1] = before = series.assess(start - 1)
        if before.is_calm:
            break
        start -= 1
    return start, known


def _follow(run: Run | None, signals: Sequence[Signal], side: int) -> Run | None:
    if signals:
        is_high = signals[0].is_high
        if run is not None and run.is_high == is_high:
            return run
        return Run(min(s.first for s in signals if s.is_high == is_high), is_high)
    if run is not None and side == (1 if run.is_high else -1):
        return run
    return None


def _follow_all(steps: Sequence[_Assessment]) -> tuple[Run | None, Run | None]:
    run = drift = None
    for step in steps:
        if step.is_judged:
            run = _follow(run, step.signals, step.side)
            drift = _follow(drift, step.drifts, step.side)
    return run, drift


class _Series:
    """Recorded full weeks; places are indexes into them."""

    __slots__ = (
        "baselines",
        "joins",
        "month_of",
        "months",
        "places",
        "ranges",
        "season",
        "streaks",
        "values",
        "weeks",
    )

    def __init__(
        self,
        values: Sequence[Number | None],
        months: Sequence[int],
        short: Sequence[bool],
        baselines: Sequence[Baseline],
    ) -> None:
        if len(months) != len(values) or (short and len(short) != len(values)):
            raise ValueError("Every week needs a value, a month and, if any does, a short mark.")
        self.baselines = baselines
        self.month_of = [month - 1 for month in months]
        # By week: number of weeks counted before it.
        self.places = places = [0]
        # By counted week: index, value and month; 1 and the moving range without a missing week
        # since the counted week before, else 0; length of the streak it ends.
        weeks: list[int] = []
        floats: list[float] = []
        joins: list[int] = []
        ranges: list[float] = []
        streaks: list[int] = []
        streak, before = 0, 0.0
        for week, value in enumerate(values):
            if short and short[week]:
                pass
            elif value is None:
                streak = 0
            else:
                now = float(value)
                weeks.append(week)
                floats.append(now)
                joins.append(1 if streak else 0)
                ranges.append(abs(now - before) if streak else 0.0)
                streak += 1
                streaks.append(streak)
                before = now
            places.append(len(weeks))
        self.weeks, self.values, self.joins = weeks, floats, joins
        self.ranges, self.streaks = ranges, streaks
        self.months = [self.month_of[week] for week in weeks]
        self.season = Season(self.values, self.months, self.places)

    def is_cut(self, week: int) -> bool:
        return any(week in baseline for baseline in self.baselines)

    def baseline(self, week: int) -> int | None:
        in_force = None
        for start, end in self.baselines:
            if start <= week:
                in_force = start if end is None or week < end else None
        return in_force

    def assess(self, week: int) -> _Assessment:
        here, after = self.places[week], self.places[week + 1]
        start, index = self.baseline(week), self.season.index(week)
        is_known, is_on_baseline = index is not None, start is not None
        base = None
        if start is None:
            oldest = self.places[max(0, week - WEEKS_BACK)]
            low = max(oldest, here - USUAL_WEEKS - SHIFTED_WEEKS + 1)
            recent = self.stretch(low, after, index)
            usual = recent.before(len(recent.values) - after + here)
        else:
            first = self.places[start]
            base = usual = self.stretch(first, min(here, first + FULL), index).spread()
            recent = self.stretch(max(0, after - SHIFTED_WEEKS), after, index)
        if usual is None or (index and index[self.month_of[week]] <= LEAST_INDEX):
            return _Assessment(None, (), (), 0, False, is_known, is_on_baseline)
        limits = usual if index is None else _times(usual, index[self.month_of[week]])
        if after == here:
            return _Assessment(limits, (), (), 0, False, is_known, is_on_baseline)

        signals = recent.outside(week, usual)
        drifts: tuple[Signal, ...] = ()
        if self.streaks[here] >= LEANING_WEEKS:
            drifts += recent.leaning(self.weeks[after - LEANING_WEEKS : after], base)
        if self.streaks[here] >= SHIFTED_WEEKS:
            drifts += recent.shifted(self.weeks[after - SHIFTED_WEEKS : after], base)
        if is_known:
            signals, drifts = signals + drifts, ()
        side = _side(recent.values[-1], usual, NEAR)
        return _Assessment(limits, signals, drifts, side, True, is_known, is_on_baseline)

    def stretch(self, low: int, high: int, index: Sequence[float] | None) -> "_Stretch":
        values, joins = self.values[low:high], self.joins[low:high]
        if index is None:
            return _Stretch(values, joins, self.ranges[low:high])
        months = self.months[low:high]
        values = [v / index[m] for v, m in zip(values, months, strict=True)]
        ranges = [abs(b - a) * j for (a, b), j in zip(pairwise(values), joins[1:], strict=True)]
        return _Stretch(values, joins, [0.0, *ranges] if values else [])


class _Stretch(NamedTuple):
    values: list[float]
    joins: list[int]
    ranges: list[float]

    def spread(self, first: int = 0, last: int | None = None) -> Limits | None:
        values, moves = self.values[first:last], sum(self.joins[first + 1 : last])
        if len(values) < FEWEST or moves == 0:
            return None
        mean_range = fsum(self.ranges[first + 1 : last]) / moves
        return Limits(fsum(values) / len(values), mean_range, len(values))

    def before(self, place: int) -> Limits | None:
        return self.spread(max(0, place - USUAL_WEEKS), place)

    def outside(self, week: int, usual: Limits) -> tuple[Signal, ...]:
        side = _side(self.values[-1], usual, LIMIT)
        return (Signal(ChartRule.OUTSIDE, (week,), side > 0),) if side else ()

    def leaning(self, weeks: Sequence[int], base: Limits | None) -> tuple[Signal, ...]:
        first = len(self.values) - LEANING_WEEKS
        base = base or self.before(first)
        if base is None or base.mean_range == 0:
            return ()
        sides = [_side(value, base, NEAR) for value in self.values[first:]]
        side = sides[-1]
        if side == 0 or sides.count(side) < LEANING_NEEDED:
            return ()
        leaning = [week for week, other in zip(weeks, sides, strict=True) if other == side]
        return (Signal(ChartRule.LEANING, tuple(leaning), side > 0),)

    def shifted(self, weeks: Sequence[int], base: Limits | None) -> tuple[Signal, ...]:
        first = len(self.values) - SHIFTED_WEEKS
        base = base or self.before(first)
        side = 0 if base is None else _side(self.values[-1], base, 0.0)
        if base is None or side == 0:
            return ()
        for value in self.values[first:-1]:
            if _side(value, base, 0.0) != side:
                return ()
        return (Signal(ChartRule.SHIFTED, tuple(weeks), side > 0),)


def _side(value: float, limits: Limits, distance: float) -> int:
    off = value - limits.mean
    beyond = distance * limits.mean_range + rounding(limits.mean, limits.mean_range)
    return (off > beyond) - (off < -beyond)


def _times(limits: Limits, index: float) -> Limits:
    return Limits(limits.mean * index, limits.mean_range * index, limits.count)
