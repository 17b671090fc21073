"""Step rates. See docs/measures.md#step-rate and #usual-or-not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from funnel.domain.numbers import Number
from funnel.domain.verdict import Verdict

Pair = tuple[Number | None, Number | None]

Z_95 = 1.959964

# For averages and expected numbers: completed weeks before, and the fewest required.
WEEKS_BEFORE = 13
FEWEST_WEEKS = 4

# For verdicts on a rate: the same two, the fewest cases in the week, and the limits in sigma.
USUAL_WEEKS = 26
FEWEST_USUAL_WEEKS = 8
FEWEST_CASES = 5
SIGMAS = 1.96
SHORT = "This week is marked as short."
AFTER_SHORT = "The week before was short, so part of its usual effect is missing."

# Mean range of two values of a normal distribution, in standard deviations (d2 for n = 2).
_D2 = 1.128
# A rate on a limit is usual, also when rounding puts it 1e-17 beyond.
_ROUNDING = 1e-12


def step_rate(numerator: Number | None, base: Number | None) -> float | None:
    """A fraction, possibly above 1; None with a number missing or base 0."""
    if numerator is None or base is None or base == 0:
        return None
    return float(numerator) / float(base)


def pooled(pairs: Iterable[Pair]) -> float | None:
    """Sum by sum of complete pairs; None without a base."""
    complete = both_present(pairs)
    return step_rate(sum(k for k, _ in complete), sum(n for _, n in complete))


def both_present(pairs: Iterable[Pair]) -> list[tuple[Number, Number]]:
    """Complete pairs."""
    return [(k, n) for k, n in pairs if k is not None and n is not None]


def wilson(k: Number, n: Number) -> tuple[float, float] | None:
    """Wilson 95 % interval (Newcombe 1998, method 3); None unless 0 ≤ k ≤ n > 0."""
    if n <= 0 or not 0 <= k <= n:
        return None
    n = float(n)
    p = float(k) / n
    z2 = Z_95 * Z_95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half_width = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # Clamped to 0..1 and to contain p: at k = 0 and k = n rounding may miss by 1e-17.
    return max(0.0, min(p, centre - half_width)), min(1.0, max(p, centre + half_width))


@dataclass(frozen=True, slots=True)
class Judgement:
    """None where not computable; `low` may be below 0."""

    verdict: Verdict
    rate: float | None
    low: float | None
    high: float | None
    usual_rate: float | None
    weeks_counted: int
    reason: str

    @property
    def drawn_low(self) -> float | None:
        """The upper end is not cut: rates above 1 happen."""
        return None if self.low is None else max(0.0, self.low)


def judge(
    k: Number | None,
    n: Number | None,
    earlier: Sequence[Pair | None],
    *,
    higher_is_better: bool | None = True,
    is_short: bool = False,
    follows_short: bool = False,
) -> Judgement:
    """Judge k out of n by Laney's p-prime chart at 1.96 sigma, from the last 26 `earlier` weeks.

    `earlier` is oldest first, None for short weeks. Those and the week after are not judged: up to
    13 % would be false alarms. Sigma z is at least 1 (Laney, Quality Engineering 14, 2002,
    531-537).
    """
    recent = [_complete(pair) for pair in earlier[-USUAL_WEEKS:]]
    usual_rate = pooled(pair for pair in recent if pair is not None)
    count = sum(pair is not None and pair[1] > 0 for pair in recent)
    rate = step_rate(k, n)
    reason = _why_unknown(k, n, count, usual_rate)
    if is_short:
        reason = SHORT
    elif follows_short:
        reason = AFTER_SHORT
    if not reason and rate is not None and n is not None and usual_rate is not None:
        sigma_z = _sigma_z(recent, usual_rate)
        if sigma_z is not None:
            reach = SIGMAS * sigma_z * sqrt(usual_rate * (1 - usual_rate) / float(n))
            off = rate - usual_rate
            verdict = Verdict.USUAL
            if abs(off) > reach + _ROUNDING:
                verdict = Verdict.of(is_high=off > 0, higher_is_better=higher_is_better)
            low, high = usual_rate - reach, usual_rate + reach
            return Judgement(verdict, rate, low, high, usual_rate, count, "")
        reason = "No two consecutive earlier weeks have both numbers."
    return Judgement(Verdict.UNKNOWN, rate, None, None, usual_rate, count, reason)


def _complete(pair: Pair | None) -> tuple[float, float] | None:
    if pair is None or pair[0] is None or pair[1] is None:
        return None
    return float(pair[0]), float(pair[1])


def _sigma_z(recent: Sequence[tuple[float, float] | None], p: float) -> float | None:
    variance = p * (1 - p)
    z = [
        None if pair is None or pair[1] <= 0 else (pair[0] / pair[1] - p) * sqrt(pair[1] / variance)
        for pair in recent
    ]
    moves = [abs(b - a) for a, b in pairwise(z) if a is not None and b is not None]
    return max(1.0, sum(moves) / len(moves) / _D2) if moves else None


def _why_unknown(k: Number | None, n: Number | None, weeks: int, usual_rate: float | None) -> str:
    if k is None or n is None:
        return "A number is missing this week."
    if n < FEWEST_CASES:
        return f"Fewer than {FEWEST_CASES} this week: too few for a rate."
    if weeks < FEWEST_USUAL_WEEKS or usual_rate is None:
        return f"Fewer than {FEWEST_USUAL_WEEKS} earlier weeks have both numbers."
    if usual_rate <= 0:
        return "The rate was 0 in the earlier weeks, so there is no usual rate."
    if usual_rate >= 1:
        return "The rate was 100% or more in the earlier weeks, so there is no usual range."
    return ""
