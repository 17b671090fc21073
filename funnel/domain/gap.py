"""Exact gap split. See docs/measures.md#expected-and-the-gap-split."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor, lcm, prod
from operator import mul
from typing import Self

from funnel.domain.conversion import FEWEST_WEEKS, WEEKS_BEFORE, both_present
from funnel.domain.numbers import Number

_HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Expected:
    """First stage's number, further stages' rates."""

    first: Fraction
    rates: tuple[Fraction, ...]

    @property
    def expected_patients(self) -> Fraction:
        return self.first * prod(self.rates)


@dataclass(frozen=True, slots=True)
class GapSplit:
    """Positive is lost, None unknown. Known parts add up exactly."""

    expected: Fraction
    actual: Fraction | None
    parts: tuple[Fraction | None, ...]
    total: Fraction | None

    def in_money(self, value_of_one: Number) -> Self:
        each = Fraction(value_of_one)

        def times(number: Fraction | None) -> Fraction | None:
            return None if number is None else number * each

        return type(self)(
            expected=self.expected * each,
            actual=times(self.actual),
            parts=tuple(times(part) for part in self.parts),
            total=times(self.total),
        )


def expected_from_targets(targets: Sequence[Number | None]) -> Expected | None:
    """None with a target missing or 0 as a base."""
    exact = [Fraction(target) for target in targets if target is not None]
    if not exact or len(exact) < len(targets) or 0 in exact[:-1]:
        return None
    return Expected(exact[0], tuple(number / base for base, number in pairwise(exact)))


def expected_from_history(columns: Sequence[Sequence[Number | None]]) -> Expected | None:
    """Mean first stage and pooled rates of the last 13 weeks; None with fewer than 4 for one.

    A column per stage, oldest first. Raises ValueError for unequal lengths.
    """
    if len({len(column) for column in columns}) > 1:
        raise ValueError("Every stage needs the same weeks.")
    recent = [column[-WEEKS_BEFORE:] for column in columns]
    firsts = [Fraction(number) for number in recent[0] if number is not None] if recent else []
    if len(firsts) < FEWEST_WEEKS:
        return None
    rates = []
    for bases, numbers in pairwise(recent):
        pairs = both_present(zip(numbers, bases, strict=True))
        base = sum((Fraction(n) for _, n in pairs), Fraction())
        if len(pairs) < FEWEST_WEEKS or base == 0:
            return None
        rates.append(sum((Fraction(k) for k, _ in pairs), Fraction()) / base)
    return Expected(sum(firsts, Fraction()) / len(firsts), tuple(rates))


def split(expected: Expected, actual: Sequence[Number | None]) -> GapSplit:
    """Split the gap. Raises ValueError unless one number per stage."""
    if len(actual) != len(expected.rates) + 1:
        raise ValueError("The actual numbers need one per expected stage.")
    known = [None if number is None else Fraction(number) for number in actual]
    # The expected number of each stage, given the actual number of the stage before it.
    due = [expected.first] + [
        None if before is None else before * rate
        for before, rate in zip(known[:-1], expected.rates, strict=True)
    ]
    # The share of each stage's number expected to reach the last stage.
    onward = list(accumulate(reversed(expected.rates), mul, initial=Fraction(1)))[::-1]
    parts = tuple(
        None if goal is None or number is None else (goal - number) * share
        for goal, number, share in zip(due, known, onward, strict=True)
    )
    patients, reached = expected.first * onward[0], known[-1]
    total = None if reached is None else patients - reached
    return GapSplit(expected=patients, actual=reached, parts=parts, total=total)


def biggest_leak(parts: Sequence[Fraction | None]) -> int | None:
    """Index of the largest positive part, the first of equals."""
    lost = [(part, -stage) for stage, part in enumerate(parts) if part is not None and part > 0]
    return -max(lost)[1] if lost else None


def rounded_parts(
    parts: Sequence[Fraction | None], total: Fraction | None, step: Fraction = TENTH
) -> tuple[Decimal | None, ...]:
    """Round to multiples of `step` that add up to the rounded total.

    Largest remainder, earlier stages first; each half up if a part is missing. Raises ValueError
    for parts that do not add up.
    """
    known = [part for part in parts if part is not None]
    if total is None or len(known) < len(parts):
        return tuple(
            None if part is None else _decimal(_nearest(part / step), step) for part in parts
        )
    # Integers over one common denominator: fractions would be reduced at every step.
    common = lcm(total.denominator, *(part.denominator for part in known))
    sizes = [part.numerator * (common // part.denominator) for part in known]
    if sum(sizes) * total.denominator != total.numerator * common:
        raise ValueError("The parts do not add up to the total.")
    one = common * step.numerator
    steps = [divmod(size * step.denominator, one) for size in sizes]
    floors = [whole for whole, _ in steps]
    to_give = _nearest(total / step) - sum(floors)
    by_remainder = sorted(range(len(steps)), key=lambda i: -steps[i][1])
    for stage in by_remainder[:to_give]:
        floors[stage] += 1
    return tuple(_decimal(number, step) for number in floors)


def _nearest(number: Fraction) -> int:
    nearest = floor(abs(number) + _HALF)
    return nearest if number >= 0 else -nearest


def _decimal(steps: int, step: Fraction) -> Decimal:
    return Decimal(steps * step.numerator) / Decimal(step.denominator)
