from fractions import Fraction

from funnel.domain import numbers
from funnel.domain.numbers import Number

TIMES = 3


def doubt(
    value: Number | None,
    *,
    average: Number | None,
    stage_before: Number | None,
    name: str,
    before_name: str,
    unit: str = "count",
    currency: str = "",
) -> str | None:
    """Why a number looks unlikely, as a question, or None.

    `average` is of 13 weeks, `stage_before` of the same week.
    """
    if value is None:
        return None
    reasons = []
    if average:
        usual = _usual(average, unit, currency)
        if Fraction(value) > TIMES * Fraction(average):
            reasons.append(f"That is more than {TIMES} times the usual {usual} a week.")
        elif TIMES * Fraction(value) < Fraction(average):
            reasons.append(f"That is less than a third of the usual {usual} a week.")
    if stage_before is not None and Fraction(value) > Fraction(stage_before):
        most = numbers.value(stage_before, unit, currency)
        reasons.append(f"{name} would be more than {before_name} ({most}).")
    if not reasons:
        return None
    return " ".join([*reasons, f"Is {numbers.value(value, unit, currency)} right?"])


def _usual(average: Number, unit: str, currency: str) -> str:
    # A usual count of 0.4 a week would read "the usual 0".
    if unit == "count" and average < 10 and average != int(average):
        return numbers.decimal(average)
    return numbers.value(average, unit, currency)
