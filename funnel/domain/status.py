"""See docs/measures.md#status."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self, TypeVar

from funnel.domain.numbers import Number

# Two numbers of the same type: Decimal - float is a TypeError.
N = TypeVar("N", int, float, Decimal, Fraction)


class Status(StrEnum):
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
        """Equal is met; none while in progress."""
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
        return SHAPES[self]

    @property
    def word(self) -> str:
        return self.value


SHAPES = {
    Status.MET: "●",
    Status.MISSED: "▼",
    Status.NO_TARGET: "–",
    Status.MISSING: "○",
    Status.IN_PROGRESS: "◐",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference, and fraction of before (None from 0)."""

    difference: Number
    fraction: float | None


def change(now: N | None, before: N | None) -> Difference | None:
    """None with a number missing."""
    if now is None or before is None:
        return None
    difference = now - before
    return Difference(difference, float(difference) / float(before) if before else None)
