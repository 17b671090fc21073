"""How a number stands to its target and to last week. See docs/measures.md#status."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self, TypeVar

from funnel.domain.numbers import Number

# Two numbers of one type: a Decimal less a float is a TypeError.
N = TypeVar("N", int, float, Decimal, Fraction)


class Status(StrEnum):
    """A number against its target; the value is the word on the page."""

    MET = "met"
    MISSED = "missed"
    NO_TARGET = "no target"
    MISSING = "missing"
    IN_PROGRESS = "in progress"

    @classmethod
    def of(
        cls,
        value: Number | None,
        target: Number | None,
        *,
        higher_is_better: bool,
        in_progress: bool,
    ) -> Self:
        """The status of a value against the target in force that week; equal is met.

        A week in progress is judged by nothing, not even by a missing number.
        """
        if in_progress:
            return cls.IN_PROGRESS
        if value is None:
            return cls.MISSING
        if target is None:
            return cls.NO_TARGET
        is_met = value >= target if higher_is_better else value <= target
        return cls.MET if is_met else cls.MISSED

    @property
    def shape(self) -> str:
        """The sign that says the same without colour."""
        return SHAPES[self]

    @property
    def word(self) -> str:
        """The status in words."""
        return self.value


SHAPES = {
    Status.MET: "●",
    Status.MISSED: "▼",
    Status.NO_TARGET: "–",
    Status.MISSING: "○",
    Status.IN_PROGRESS: "◐",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since before: the difference, and its fraction of before (None from 0).

    Between two rates the difference is in fractions of 1 (points) and is all there is to show:
    never a percent of a percent.
    """

    difference: Number
    fraction: float | None


def change(now: N | None, before: N | None) -> Change | None:
    """The change from before to now; None when either is missing."""
    if now is None or before is None:
        return None
    difference = now - before
    return Change(difference, float(difference) / float(before) if before else None)
