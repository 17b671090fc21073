"""The XmR chart (Wheeler): natural limits of the values listed, and signals against them.

Which values make the usual range of a week is decided in usual.py.
See docs/measures.md#behaviour-of-one-number-over-time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from funnel.domain.numbers import Number

# A verdict needs the limits of so many recorded weeks; a set baseline is the first so many.
FEWEST = 8
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
    """The usual range of a number, in its unit: mean and mean moving range of `count` values."""

    mean: float
    mean_range: float
    count: int

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
    """The three rules of a signal, by their names in the data; pages say what they mean."""

    OUTSIDE = "outside"
    LEANING = "leaning"
    SHIFTED = "shifted"


# Of so many successive weeks, so many, the last among them, are further than so many mean ranges
# from the mean, all on the same side of it.
RULES = (
    (Rule.OUTSIDE, 1, 1, LIMIT),
    (Rule.LEANING, 4, 3, NEAR),
    (Rule.SHIFTED, 8, 8, 0.0),
)
# Weeks that the longest window takes.
LONGEST = max(length for _, length, _, _ in RULES)


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that the values of `weeks` meet, as indexes in order; the last completes it.

    Of a leaning window of four only the three or four weeks that lean. `is_high`: above the mean.
    """

    rule: Rule
    weeks: tuple[int, ...]
    is_high: bool

    @property
    def first(self) -> int:
        """The first week that meets the rule."""
        return self.weeks[0]

    @property
    def last(self) -> int:
        """The week that completes the signal."""
        return self.weeks[-1]


class Standing(StrEnum):
    """A target compared with the usual range of its number; the value is the words on the page."""

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
    """The natural limits of all the values, in week order, None where missing.

    None where no two neighbouring weeks are recorded. How many are enough is for the caller to
    decide (FEWEST). Wheeler, Making Sense of Data: mean ± 2.66 mean moving ranges.
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
    """Every signal under fixed limits, by the week that completes it; none without limits.

    A window has no missing week, and its last week is among those that meet the rule. A later
    week adds signals at the end and changes none. Without any spread nothing leans.
    """
    if limits is None:
        return ()
    offsets = [None if value is None else float(value) - limits.mean for value in values]
    found = []
    for rule, length, needed, mean_ranges in RULES:
        if rule is Rule.LEANING and limits.mean_range == 0:
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


def marks(signals: Sequence[Signal], count: int) -> tuple[frozenset[Rule], ...]:
    """The rules that mark each of `count` weeks: those of the signals the week is part of."""
    rules: list[set[Rule]] = [set() for _ in range(count)]
    for signal in signals:
        for week in signal.weeks:
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
    if ahead > reach + rounding(limits.mean, limits.mean_range):
        return Standing.OUT_OF_REACH
    if ahead < -reach - rounding(limits.mean, limits.mean_range) or limits.mean_range == 0:
        return Standing.SURE
    return Standing.SOMETIMES


def rounding(mean: float, mean_range: float) -> float:
    """How far beyond a limit or the mean a float must be to be no rounding error."""
    return _ROUNDING * (abs(mean) + mean_range)
