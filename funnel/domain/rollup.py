"""How the weeks of a number come together: what is added up, what averaged, what neither.

See docs/measures.md#scorecard.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Self

from funnel.domain.calculated import ratio

ADDED_UP = frozenset({"count", "money"})


class Rollup(StrEnum):
    """How the numbers of several weeks become one; the value is the word on the page."""

    SUM = "sum"
    AVERAGE = "average"
    POOLED = "sum by sum"

    @classmethod
    def of(cls, unit: str, calculation: str) -> Self:
        """Counts and money that someone enters are added up, percent and decimals averaged. A
        ratio is computed from the sums; a moving total holds its weeks already and is averaged.
        """
        if calculation == "ratio":
            return cls.POOLED
        if calculation == "entered" and unit in ADDED_UP:
            return cls.SUM
        return cls.AVERAGE


def pooled_ratio(
    pairs: Iterable[tuple[Decimal | None, Decimal | None]], *, as_percent: bool
) -> Decimal | None:
    """The ratio of several weeks of (number, base): sum by sum over the weeks that have both, never
    a mean of ratios. None when no week has both or the bases are all 0."""
    complete = [(n, d) for n, d in pairs if n is not None and d is not None]
    if not complete:
        return None
    numbers, bases = (sum(column, Decimal()) for column in zip(*complete, strict=True))
    return ratio(numbers, bases, as_percent=as_percent)
