"""The XmR chart. See docs/measures.md#behaviour-of-one-number-over-time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from funnel.domain.numbers import Number

# Recorded weeks that a verdict needs; recorded weeks that make a baseline.
FEWEST = 8
FULL = 20

# In mean moving ranges from the mean (RANGE_LIMIT: from 0).
LIMIT = 2.66
RANGE_LIMIT = 3.268
NEAR = 1.33

# Floats nearer than this share of their size are equal: six times 0.1 is not quite 0.6, and a value
# equal to the mean or a limit is no signal.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean and mean moving range."""

    mean: float
    mean_range: float
    count: int

    @property
    def lower(self) -> float:
        return self.mean - LIMIT * self.mean_range

    @property
    def drawn_lower(self) -> float:
        return max(0.0, self.lower)

    @property
    def upper(self) -> float:
        return self.mean + LIMIT * self.mean_range

    @property
    def near_low(self) -> float:
        return self.mean - NEAR * self.mean_range

    @property
    def near_high(self) -> float:
        return self.mean + NEAR * self.mean_range

    @property
    def range_limit(self) -> float:
        return RANGE_LIMIT * self.mean_range


class ChartRule(StrEnum):
    OUTSIDE = "outside"
    LEANING = "leaning"
    SHIFTED = "shifted"


# Rule, window, needed weeks, distance: of the window's weeks so many, including the last, are
# further than `distance` mean ranges from the mean, on one side.
RULES = (
    (ChartRule.OUTSIDE, 1, 1, LIMIT),
    (ChartRule.LEANING, 4, 3, NEAR),
    (ChartRule.SHIFTED, 8, 8, 0.0),
)
LONGEST = max(length for _, length, _, _ in RULES)


@dataclass(frozen=True, slots=True)
class Signal:
    """The last of `weeks` (indexes) completes it."""

    rule: ChartRule
    weeks: tuple[int, ...]
    is_high: bool

    @property
    def first(self) -> int:
        return self.weeks[0]

    @property
    def last(self) -> int:
        return self.weeks[-1]


class TargetOutlook(StrEnum):
    OUT_OF_REACH = "will not be met without a change"
    SOMETIMES = "sometimes met"
    SURE = "will be met"


def moving_ranges(values: Sequence[Number | None]) -> tuple[float | None, ...]:
    """Distances from the week before; None where either is missing."""
    ranges: list[float | None] = []
    before = None
    for value in values:
        now = None if value is None else float(value)
        ranges.append(None if now is None or before is None else abs(now - before))
        before = now
    return tuple(ranges)


def limits(values: Sequence[Number | None]) -> Limits | None:
    """Mean ± 2.66 mean moving ranges (Wheeler); None without two neighbouring weeks.

    The caller checks FEWEST.
    """
    ranges = [moved for moved in moving_ranges(values) if moved is not None]
    if not ranges:
        return None
    recorded = [float(value) for value in values if value is not None]
    return Limits(
        mean=fsum(recorded) / len(recorded),
        mean_range=fsum(ranges) / len(ranges),
        count=len(recorded),
    )


def signals(values: Sequence[Number | None], limits: Limits | None) -> tuple[Signal, ...]:
    """By completing week; later weeks only append."""
    if limits is None:
        return ()
    offsets = [None if value is None else float(value) - limits.mean for value in values]
    found = []
    for rule, length, needed, mean_ranges in RULES:
        if rule is ChartRule.LEANING and limits.mean_range == 0:
            continue
        distance = mean_ranges * limits.mean_range + rounding(limits.mean, limits.mean_range)
        sides = [
            None if offset is None else (offset > distance) - (offset < -distance)
            for offset in offsets
        ]
        for last in range(length - 1, len(sides)):
            side, window = sides[last], sides[last - length + 1 : last + 1]
            if side and window.count(side) >= needed and None not in window:
                first = last - length + 1
                weeks = tuple(first + i for i, other in enumerate(window) if other == side)
                found.append(Signal(rule, weeks, side > 0))
    return tuple(sorted(found, key=lambda signal: signal.last))


def marks(signals: Sequence[Signal], count: int) -> tuple[frozenset[ChartRule], ...]:
    """Rules that mark each week."""
    rules: list[set[ChartRule]] = [set() for _ in range(count)]
    for signal in signals:
        for week in signal.weeks:
            rules[week].add(signal.rule)
    return tuple(map(frozenset, rules))


def target_standing(
    target: Number | None, limits: Limits | None, *, higher_is_better: bool
) -> TargetOutlook | None:
    """The target against the usual range; None without either."""
    if target is None or limits is None:
        return None
    ahead = float(target) - limits.mean
    if not higher_is_better:
        ahead = -ahead
    reach = LIMIT * limits.mean_range
    if ahead > reach + rounding(limits.mean, limits.mean_range):
        return TargetOutlook.OUT_OF_REACH
    if ahead < -reach - rounding(limits.mean, limits.mean_range) or limits.mean_range == 0:
        return TargetOutlook.SURE
    return TargetOutlook.SOMETIMES


def rounding(mean: float, mean_range: float) -> float:
    """Distances up to it are rounding errors."""
    return _ROUNDING * (abs(mean) + mean_range)
