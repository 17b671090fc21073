"""One number over time: what it usually does, and which weeks say that something has changed.

The XmR chart (Wheeler). See docs/measures.md#behaviour-of-one-number-over-time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from typing import Self

from funnel.domain.numbers import Number

FEWEST = 6
FULL = 20

# In mean moving ranges from the mean (from 0: the limit of the ranges).
LIMIT = 2.66
RANGE_LIMIT = 3.268
NEAR = 1.33

# Two floats nearer than this share of their size are equal: six times 0.1 is not quite 0.6, and a
# value equal to the mean or to a limit is no signal.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Limits:
    """What the number usually does: its mean and the mean of its moving ranges.

    `count` values were used; while the limits are not frozen each new one moves them.
    """

    mean: float
    mean_range: float
    count: int
    is_frozen: bool

    @classmethod
    def frozen(cls, mean: Number, mean_range: Number) -> Self:
        """The limits of a baseline that was frozen and kept."""
        return cls(float(mean), float(mean_range), FULL, is_frozen=True)

    @property
    def lower(self) -> float:
        """The lower natural limit, for arithmetic: it may be below 0."""
        return self.mean - LIMIT * self.mean_range

    @property
    def drawn_lower(self) -> float:
        """The lower natural limit as it is drawn and written: at least 0."""
        return max(0.0, self.lower)

    @property
    def upper(self) -> float:
        """The upper natural limit."""
        return self.mean + LIMIT * self.mean_range

    @property
    def near_low(self) -> float:
        """Below this a value is nearer the lower limit than the mean."""
        return self.mean - NEAR * self.mean_range

    @property
    def near_high(self) -> float:
        """Above this a value is nearer the upper limit than the mean."""
        return self.mean + NEAR * self.mean_range

    @property
    def range_limit(self) -> float:
        """The upper limit of the moving ranges."""
        return RANGE_LIMIT * self.mean_range


class Rule(StrEnum):
    """What a signal says of the number; the value is the word on the page."""

    OUTSIDE = "outside"
    LEANING = "leaning"
    SHIFTED = "shifted"


# Of so many successive weeks, so many are further than so many mean ranges from the mean, all on
# the same side of it.
_RULES = (
    (Rule.OUTSIDE, 1, 1, LIMIT),
    (Rule.LEANING, 4, 3, NEAR),
    (Rule.SHIFTED, 8, 8, 0.0),
)
# Weeks that the longest window takes.
LONGEST = max(length for _, length, _, _ in _RULES)


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule met by the weeks `first` to `last`, indexes into the values; `last` completes it.

    `is_high`: above the mean.
    """

    rule: Rule
    first: int
    last: int
    is_high: bool


class Standing(StrEnum):
    """How a target stands to what the number usually does; the value is the words on the page."""

    OUT_OF_REACH = "will not be met without a change"
    SOMETIMES = "sometimes met"
    SURE = "will be met"


def moving_ranges(values: Sequence[Number | None]) -> tuple[float | None, ...]:
    """How far each week's value is from that of the week before, in step with the values.

    None for the first week and where either of the two is missing.
    """
    ranges: list[float | None] = []
    before = None
    for value in values:
        now = None if value is None else float(value)
        ranges.append(None if now is None or before is None else abs(now - before))
        before = now
    return tuple(ranges)


def limits(values: Sequence[Number | None]) -> Limits | None:
    """The limits from completed weeks since the baseline's start, oldest first, None where missing.

    From 6 recorded weeks provisional; from 20 frozen, whatever follows the twentieth. None with
    fewer than 6, or when no two neighbouring weeks among them are recorded: there is no range then.
    """
    recorded_at = [week for week, value in enumerate(values) if value is not None][:FULL]
    if len(recorded_at) < FEWEST:
        return None
    baseline = values[: recorded_at[-1] + 1]
    ranges = [moved for moved in moving_ranges(baseline) if moved is not None]
    if not ranges:
        return None
    count = len(recorded_at)
    return Limits(
        mean=fsum(value for value in baseline if value is not None) / count,
        mean_range=fsum(ranges) / len(ranges),
        count=count,
        is_frozen=count == FULL,
    )


def signals(values: Sequence[Number | None], limits: Limits | None) -> tuple[Signal, ...]:
    """Every window of weeks that meets a rule, by the week that completes it; none without limits.

    A window has no missing week. Under the same limits a later week adds signals at the end and
    changes none. Without any spread nothing leans: a limit and the mean are then one.
    """
    if limits is None:
        return ()
    offsets = [None if value is None else float(value) - limits.mean for value in values]
    found = []
    for rule, length, needed, mean_ranges in _RULES:
        if rule is Rule.LEANING and limits.mean_range == 0:
            continue
        distance = mean_ranges * limits.mean_range + _rounding(limits)
        sides = [
            None if offset is None else (offset > distance) - (offset < -distance)
            for offset in offsets
        ]
        for side in (1, -1):
            if sides.count(side) < needed:
                continue
            for first in range(len(sides) - length + 1):
                window = sides[first : first + length]
                if window.count(side) >= needed and None not in window:
                    found.append(Signal(rule, first, first + length - 1, side == 1))
    return tuple(sorted(found, key=lambda signal: signal.last))


def marks(signals: Sequence[Signal], count: int) -> tuple[frozenset[Rule], ...]:
    """The rules that mark each of `count` weeks: those with a window the week is in."""
    rules: list[set[Rule]] = [set() for _ in range(count)]
    for signal in signals:
        for week in range(signal.first, signal.last + 1):
            rules[week].add(signal.rule)
    return tuple(map(frozenset, rules))


def target_standing(
    target: Number | None, limits: Limits | None, *, higher_is_better: bool
) -> Standing | None:
    """Whether the number as it usually is meets the target; None without a target or limits.

    A target on a limit is sometimes met. Without any spread a target on the mean will be met.
    """
    if target is None or limits is None:
        return None
    ahead = float(target) - limits.mean
    if not higher_is_better:
        ahead = -ahead
    reach = LIMIT * limits.mean_range
    if ahead > reach + _rounding(limits):
        return Standing.OUT_OF_REACH
    if ahead < -reach - _rounding(limits) or limits.mean_range == 0:
        return Standing.SURE
    return Standing.SOMETIMES


def _rounding(limits: Limits) -> float:
    return _ROUNDING * (abs(limits.mean) + limits.mean_range)
