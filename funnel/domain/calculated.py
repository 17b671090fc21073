"""See docs/measures.md#calculated-kpis."""

from collections.abc import Sequence
from decimal import Decimal

from funnel.domain.numbers import half_up


def ratio(
    numerator: Decimal | None, denominator: Decimal | None, *, as_percent: bool
) -> Decimal | None:
    """To two decimals; None with a number missing or denominator 0."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    return half_up((100 * numerator if as_percent else numerator) / denominator, 2)


def moving_total(values: Sequence[Decimal | None], window: int) -> tuple[Decimal | None, ...]:
    """Sums of the last `window` weeks; None where incomplete."""
    if window < 1:
        raise ValueError("A total needs at least one week.")
    totals: list[Decimal | None] = []
    for end in range(1, len(values) + 1):
        present = [value for value in values[max(0, end - window) : end] if value is not None]
        totals.append(sum(present, Decimal()) if len(present) == window else None)
    return tuple(totals)
