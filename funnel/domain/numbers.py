"""The one way a number is read from text and the one way it is written, on every page and file."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

from babel.numbers import get_currency_symbol

Number = int | float | Decimal | Fraction

MAX_VALUE = 999_999_999
MAX_LENGTH = 32
NOTHING = "–"
MINUS = "\N{MINUS SIGN}"

_BLANKS = " \t\r\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
# [0-9], not \d, which takes the digits of every script. "0,123" is no group of thousands: it is
# how half of Europe writes 0.123.
_SHAPE = re.compile(r"([0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_COMMAS_ASTRAY = re.compile(r"[0-9]*,[0-9,]*(?:\.[0-9]*)?")
_STEPS = (Decimal("1"), Decimal("0.1"), Decimal("0.01"))
_HALF = Fraction(1, 2)
_TEN_THOUSANDTH = Decimal("0.0001")

EMPTY = "Enter a number. If it was none, enter 0."
TOO_LONG = "That is too long for a number. Enter it in digits, as in 1,234."
NOT_A_NUMBER = "Enter the number in digits only, as in 1234 or 1,234."
COMMAS_ASTRAY = "Commas go between groups of three digits, as in 1,234; decimals take a point."
NEGATIVE = "Enter 0 or more. This number cannot be negative."
NOT_WHOLE = "Enter a whole number, without decimals."
TOO_FINE = "Enter at most two decimals, as in 12.50."
TOO_LARGE = f"Enter {MAX_VALUE:,} or less."


class NumberRefused(ValueError):
    """Text that is not a number we take; `sentence` tells a person what to enter instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def parse(text: str, *, whole: bool) -> Decimal:
    """The number from 0 to MAX_VALUE written in the text; not whole: up to two decimals.

    Takes ASCII digits, well-placed thousands commas, a decimal point, blanks around.
    Everything else raises NumberRefused.
    """
    text = text.strip(_BLANKS)
    if not text:
        raise NumberRefused(EMPTY)
    if len(text) > MAX_LENGTH:
        raise NumberRefused(TOO_LONG)
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise NumberRefused(_why_not(text))
    decimals = match[2]
    if decimals and whole:
        raise NumberRefused(NOT_WHOLE)
    if decimals and len(decimals) > 2:
        raise NumberRefused(TOO_FINE)
    number = Decimal(text.replace(",", ""))
    if number > MAX_VALUE:
        raise NumberRefused(TOO_LARGE)
    return number


def _why_not(text: str) -> str:
    if text[0] in f"-{MINUS}" and _SHAPE.fullmatch(text[1:].lstrip(_BLANKS)):
        return NEGATIVE
    return COMMAS_ASTRAY if _COMMAS_ASTRAY.fullmatch(text) else NOT_A_NUMBER


def count(v: Number | None) -> str:
    """A whole number: "1,234", "−5"; None is "–"."""
    if v is None:
        return NOTHING
    whole = int(v)
    if whole != v:
        whole = int(half_up(v, 0))
    return f"{whole:,}" if whole >= 0 else f"{MINUS}{-whole:,}"


def decimal(v: Number | None) -> str:
    """One decimal: "4.5"; None is "–"."""
    if v is None:
        return NOTHING
    rounded = half_up(v, 1)
    return _minus(rounded) + f"{abs(rounded):,}"


def rate(v: Number | None) -> str:
    """A fraction as percent: 0.26 is "26.0%"; None is "–"."""
    return NOTHING if v is None else decimal(_hundredfold(v)) + "%"


def points(v: Number | None) -> str:
    """A change of a fraction in percentage points: 0.032 is "+3.2 pts"; None is "–"."""
    if v is None:
        return NOTHING
    rounded = half_up(_hundredfold(v), 1)
    return f"{_sign(rounded)}{abs(rounded):,} pts"


def signed(v: Number | None) -> str:
    """A difference with its sign, decimals only where there are any: "+8", "−1.5", "0"."""
    if v is None:
        return NOTHING
    rounded = half_up(v, 2)
    return _sign(rounded) + _trimmed(rounded).removesuffix(".0")


def money(v: Number | None, currency: str) -> str:
    """An amount in whole units of an ISO 4217 currency: "$9,600", "−$4,800"; None is "–"."""
    if v is None:
        return NOTHING
    rounded = half_up(v, 0)
    return f"{_minus(rounded)}{_symbol(currency)}{abs(rounded):,}"


def value(v: Number | None, unit: str, currency: str) -> str:
    """What was entered for a KPI, in its unit: count, money, percent (12.5 is "12.5%") or decimal.

    Shows up to the two decimals that can be entered. Another unit raises ValueError; None is "–".
    """
    if v is None:
        return NOTHING
    if unit == "count":
        return count(v)
    rounded = half_up(v, 2)
    if unit == "money":
        amount = f"{abs(rounded):,}".removesuffix(".00")
        return f"{_minus(rounded)}{_symbol(currency)}{amount}"
    if unit == "percent":
        return f"{_minus(rounded)}{_trimmed(rounded)}%"
    if unit == "decimal":
        return _minus(rounded) + _trimmed(rounded)
    raise ValueError(f"No unit is called {unit!r}.")


def plain(v: Number) -> str:
    """As a file holds it, for programs: "1234.5", "-3", "0"; at most four decimals."""
    if isinstance(v, Fraction):
        v = Decimal(floor(v * 10_000 + _HALF)).scaleb(-4)
    exact = Decimal(repr(v)) if isinstance(v, float) else Decimal(v)
    rounded = exact.quantize(_TEN_THOUSANDTH, rounding=ROUND_HALF_UP)
    # Adding 0 makes of a negative nought a plain one.
    return f"{rounded.normalize() + 0:f}"


def half_up(v: Number, places: int) -> Decimal:
    """The number to 0, 1 or 2 decimals, a half away from zero. A float counts as it is printed."""
    if isinstance(v, Fraction):
        units = Decimal(floor(abs(v) * 10**places + _HALF)).scaleb(-places)
        return units if v >= 0 else -units
    exact = Decimal(repr(v)) if isinstance(v, float) else Decimal(v)
    return exact.quantize(_STEPS[places], rounding=ROUND_HALF_UP)


def _hundredfold(v: Number) -> Number:
    # In decimals: 0.285 * 100 is 28.499999999999996 in floats.
    return Decimal(repr(v)).scaleb(2) if isinstance(v, float) else v * 100


def _minus(rounded: Decimal) -> str:
    return MINUS if rounded < 0 else ""


def _sign(rounded: Decimal) -> str:
    return "+" if rounded > 0 else _minus(rounded)


def _trimmed(hundredths: Decimal) -> str:
    """Two decimals, or one when the second is 0."""
    return f"{abs(hundredths):,}".removesuffix("0")


@lru_cache(maxsize=256)
def _symbol(currency: str) -> str:
    symbol = get_currency_symbol(currency, locale="en_US")
    return f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else symbol
