"""From stage to stage: how many go on, and is this week's share different from usual?

See docs/measures.md#step-rate and docs/measures.md#usual-or-not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from funnel.domain.numbers import Number

Pair = tuple[Number | None, Number | None]

Z_95 = 1.959964
WEEKS_BEFORE = 13
FEWEST_WEEKS = 4
FEWEST_CASES = 5


def step_rate(numerator: Number | None, base: Number | None) -> float | None:
    """The share of the base that went on, as a fraction; above 1 is possible.

    None when either number is missing or the base is 0.
    """
    if numerator is None or base is None or base == 0:
        return None
    return float(numerator) / float(base)


def pooled(pairs: Iterable[Pair]) -> float | None:
    """The rate over several weeks of (numerator, base): sum over sum, never a mean of rates.

    Weeks with a missing number are left out. None when no week is left or the bases are all 0.
    """
    complete = both_present(pairs)
    return step_rate(sum(k for k, _ in complete), sum(n for _, n in complete))


def both_present(pairs: Iterable[Pair]) -> list[tuple[Number, Number]]:
    """The pairs in which neither number is missing."""
    return [(k, n) for k, n in pairs if k is not None and n is not None]


def wilson(k: Number, n: Number) -> tuple[float, float] | None:
    """The Wilson 95 % interval of k out of n, as fractions (Newcombe 1998, method 3).

    None when n is 0 or k is not between 0 and n.
    """
    if n <= 0 or not 0 <= k <= n:
        return None
    n = float(n)
    p = float(k) / n
    z2 = Z_95 * Z_95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half_width = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # Held to 0..1, and to contain p: at k = 0 and k = n rounding may cross by 1e-17.
    return max(0.0, min(p, centre - half_width)), min(1.0, max(p, centre + half_width))


class Usual(StrEnum):
    """How a week's rate stands to the weeks before it; the value is the word on the page."""

    USUAL = "within the usual range"
    DIFFERENT = "different from usual"
    UNSURE = "too few to say"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A week's rate against the usual one. Rates are fractions.

    `rate`, `interval`, `usual_rate` are None when they cannot be said; `weeks_counted` are the
    earlier weeks with both numbers; `reason` says why the verdict is UNSURE, else it is "".
    """

    verdict: Usual
    rate: float | None
    interval: tuple[float, float] | None
    usual_rate: float | None
    weeks_counted: int
    reason: str


def judge(k: Number | None, n: Number | None, earlier_pairs: Sequence[Pair]) -> Judgement:
    """Whether k out of n is different from the completed weeks before it.

    `earlier_pairs` are (numerator, base) by week, oldest first; only the last 13 count.
    """
    earlier = both_present(earlier_pairs[-WEEKS_BEFORE:])
    usual_rate = pooled(earlier)
    interval = None if k is None or n is None else wilson(k, n)
    reason = _why_unsure(k, n, len(earlier), usual_rate)
    verdict = Usual.UNSURE
    if not reason and interval is not None and usual_rate is not None:
        low, high = interval
        verdict = Usual.USUAL if low <= usual_rate <= high else Usual.DIFFERENT
    return Judgement(verdict, step_rate(k, n), interval, usual_rate, len(earlier), reason)


def _why_unsure(k: Number | None, n: Number | None, weeks: int, usual_rate: float | None) -> str:
    if k is None or n is None:
        return "A number is missing this week."
    if n < FEWEST_CASES:
        return f"Fewer than {FEWEST_CASES} this week to take a share of."
    if k > n:
        return "More went on than came in this week; some came in an earlier week."
    if weeks < FEWEST_WEEKS:
        return f"Fewer than {FEWEST_WEEKS} earlier weeks have both numbers."
    if usual_rate is None:
        return "The earlier weeks have nothing to take a share of."
    return ""
