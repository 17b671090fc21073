"""Findings as sentences."""

from decimal import Decimal

from funnel.domain import numbers
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week

# A leak measured against a target may still be usual.
LEAK_VERDICTS: dict[Verdict | None, str] = {
    Verdict.WORSE: " Worse than usual.",
    Verdict.USUAL: " Within the usual range.",
    Verdict.BETTER: " Better than usual.",
}


def outcome(
    *,
    name: str,
    value: Decimal | None,
    owner: str | None,
    fewer: Decimal | None,
    is_running: bool,
) -> str:
    """`fewer` is expected minus actual, in tenths."""
    if is_running:
        so_far = f"no {_inside(name)} yet" if value is None else f"{_counted(value, name)} so far"
        return f"The week is still in progress: {so_far}."
    if value is None:
        waits = f"waiting for {owner}" if owner else "and it has no owner"
        return f"{name}: the number is missing, {waits}."
    counted = _counted(value, name)
    if fewer is None:
        return f"{counted}."
    if fewer == 0:
        return f"{counted}, as expected."
    side = "fewer" if fewer > 0 else "more"
    return f"{counted}, {_tenths(abs(fewer))} {side} than expected."


def leak(
    *,
    name: str,
    role: str,
    owner: str | None,
    patients: Decimal,
    money: Decimal | None,
    currency: str,
    verdict: Verdict | None,
    is_final: bool,
) -> str:
    """Provisional while a number is missing."""
    start = "The biggest leak is" if is_final else "So far the biggest leak is"
    whose = f"{role}, no owner"
    if owner:
        whose = role if owner == role else f"{role}, {owner}"
    amount = lost(patients, money, currency, about="about ")
    return f"{start} at {name} ({whose}): {amount}.{LEAK_VERDICTS.get(verdict, '')}"


def news(verdict: Verdict, since: Week | None, week: Week, *, has_ended: bool) -> str:
    """For example "worse than usual since Jul 27"."""
    if has_ended:
        return "as usual again"
    if since is None or since == week:
        return verdict.value
    return f"{verdict.value} since {since.short_label}"


def at_risk(
    *,
    name: str,
    patients: Decimal | None,
    money: Decimal | None,
    currency: str,
    is_lost: bool,
) -> str:
    """Cost of a missing owner."""
    if patients is None:
        return f"{name} has no owner."
    amount = lost(patients, money, currency)
    if is_lost:
        return f"{name} has no owner and lost {amount}."
    return f"{name} has no owner. All {amount} expected this week pass through it."


def lost(patients: Decimal, money: Decimal | None, currency: str, about: str = "") -> str:
    """For example "4.5 patients ($14,400)"."""
    people = f"{_tenths(patients)} patient{'' if patients == 1 else 's'}"
    if money is None:
        return people
    amount = numbers.money(money, currency)
    return f"{people}, {about}{amount}" if about else f"{people} ({amount})"


def _tenths(number: Decimal) -> str:
    return numbers.decimal(number).removesuffix(".0")


def _counted(value: Decimal, name: str) -> str:
    if value == 1:
        return f"{name}: 1"
    return f"{numbers.count(value)} {_inside(name)}"


def _inside(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"
