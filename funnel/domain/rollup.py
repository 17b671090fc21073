"""See docs/measures.md#scorecard."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Self

from funnel.domain.calculated import ratio

ADDED_UP = frozenset({"count", "money"})


class Rollup(StrEnum):
    SUM = "sum"
    AVERAGE = "average"
    POOLED = "sum by sum"

    @classmethod
    def of(cls, unit: str, calculation: str) -> Self:
        """Moving totals already add up weeks, so they are averaged."""
        if calculation == "ratio":
            return cls.POOLED
        if calculation == "entered" and unit in ADDED_UP:
            return cls.SUM
        return cls.AVERAGE


def pooled_ratio(
    pairs: Iterable[tuple[Decimal | None, Decimal | None]], *, as_percent: bool
) -> Decimal | None:
    """Sum by sum of complete pairs; None without a base."""
    complete = [(n, d) for n, d in pairs if n is not None and d is not None]
    if not complete:
        return None
    numbers, bases = (sum(column, Decimal()) for column in zip(*complete, strict=True))
    return ratio(numbers, bases, as_percent=as_percent)
