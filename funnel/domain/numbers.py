"""The only parser and formatter of numbers."""

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import floor

from babel.numbers import get_currency_symbol, list_currencies

Number = int | float | Decimal | Fraction

MAX_VALUE = 999_999_999
MAX_LENGTH = 32
NOTHING = "–"
MINUS = "\N{MINUS SIGN}"

_BLANK = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_APOSTROPHE = "'\N{RIGHT SINGLE QUOTATION MARK}"
_AROUND = f"{_BLANK}\t\r\n"
# \d matches digits of all scripts.
_SIGN = rf"[^0-9\s.,{_APOSTROPHE}{MINUS}-]{{0,4}}"
_MINUS = rf"[{MINUS}-]?"
_TYPED = re.compile(
    rf"(?P<minus>{_MINUS})[{_BLANK}]*(?P<before>{_SIGN})[{_BLANK}]*(?P<then>{_MINUS})[{_BLANK}]*"
    rf"(?P<bare>[0-9.,{_APOSTROPHE}{_BLANK}]*?)[{_BLANK}]*(?P<after>{_SIGN})"
)
_PERCENT = "%"
# The "$" of "CA$".
_LAST_SIGN = re.compile(r"[^A-Z]$")
_STEPS = (Decimal("1"), Decimal("0.1"), Decimal("0.01"))
_HALF = Fraction(1, 2)
_TEN_THOUSANDTH = Decimal("0.0001")


class DecimalSign(StrEnum):
    POINT = "."
    COMMA = ","


def _shape(decimal: DecimalSign) -> re.Pattern[str]:
    """Equal group signs; "0,123" is a European decimal."""
    group = f"{_other(decimal)}{_APOSTROPHE}{_BLANK}"
    grouped = rf"[1-9][0-9]{{0,2}}(?P<group>[{group}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    return re.compile(rf"(?P<whole>[0-9]+|{grouped})(?:\{decimal}(?P<decimals>[0-9]+))?")


def _astray(decimal: DecimalSign) -> re.Pattern[str]:
    other = _other(decimal)
    return re.compile(rf"[0-9]*\{other}[0-9{other}]*(?:\{decimal}[0-9]*)?")


def _other(decimal: DecimalSign) -> DecimalSign:
    return DecimalSign.COMMA if decimal is DecimalSign.POINT else DecimalSign.POINT


_SHAPES = {decimal: _shape(decimal) for decimal in DecimalSign}
_ASTRAY = {decimal: _astray(decimal) for decimal in DecimalSign}

EMPTY = "Enter a number. If it was none, enter 0."
TOO_LONG = "That is too long for a number. Enter it in digits, as in 1,234."
NOT_A_NUMBER = "Enter the number in digits only, as in 1234 or 1,234."
COMMAS_ASTRAY = "Commas go between groups of three digits, as in 1,234; decimals take a point."
POINTS_ASTRAY = "Points go between groups of three digits, as in 1.234; decimals take a comma."
NEGATIVE = "Enter 0 or more. This number cannot be negative."
NOT_WHOLE = "Enter a whole number, without decimals."
TOO_FINE = "Enter at most two decimals, as in 12.50."
TOO_LARGE = f"Enter {MAX_VALUE:,} or less."
NO_PERCENT = "Enter it without a percent sign: this number is not a percentage."
NO_MONEY = "Enter it without a currency: this number is not an amount of money."
OTHER_CURRENCY = "Enter the amount in {currency}, the currency of the practice."
SENTENCES_ASTRAY = {DecimalSign.POINT: COMMAS_ASTRAY, DecimalSign.COMMA: POINTS_ASTRAY}


class NumberRefused(ValueError):
    """`sentence` is for people."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def parse(
    text: str, unit: str, *, currency: str = "", decimal: DecimalSign = DecimalSign.POINT
) -> Decimal:
    """Read a number from 0 to MAX_VALUE. Raises NumberRefused.

    ASCII digits, groups of three, two decimals (counts: zeros); percent or currency sign by unit.
    """
    text = text.strip(_AROUND)
    if not text:
        raise NumberRefused(EMPTY)
    if len(text) > MAX_LENGTH:
        raise NumberRefused(TOO_LONG)
    typed = _TYPED.fullmatch(text)
    shape = typed and _SHAPES[decimal].fullmatch(typed["bare"])
    if not typed or not shape or (typed["minus"] and typed["then"]):
        is_astray = typed and _ASTRAY[decimal].fullmatch(typed["bare"])
        raise NumberRefused(SENTENCES_ASTRAY[decimal] if is_astray else NOT_A_NUMBER)
    for sign in (typed["before"], typed["after"]):
        if sentence := _refusal_of_sign(sign, unit, currency):
            raise NumberRefused(sentence)
    if typed["minus"] or typed["then"]:
        raise NumberRefused(NEGATIVE)
    whole, decimals = re.sub("[^0-9]", "", shape["whole"]), shape["decimals"] or ""
    # "1.000" may be a European thousand.
    if unit == "count" and decimals not in {"", "0", "00"}:
        raise NumberRefused(NOT_WHOLE)
    if len(decimals) > 2:
        raise NumberRefused(TOO_FINE)
    number = Decimal(whole if unit == "count" or not decimals else f"{whole}.{decimals}")
    if number > MAX_VALUE:
        raise NumberRefused(TOO_LARGE)
    return number


def bare(text: str) -> str:
    """Without signs, blanks and apostrophes; "" if no number."""
    typed = _TYPED.fullmatch(text.strip(_AROUND))
    if typed is None or not all(is_sign(typed[side]) for side in ("before", "after")):
        return ""
    return re.sub(rf"[{_APOSTROPHE}{_BLANK}](?=[0-9]{{3}}(?![0-9]))", "", typed["bare"])


def is_sign(sign: str) -> bool:
    """Whether empty, a percent sign or a currency."""
    return sign in {"", _PERCENT} or sign in _currencies()


def _refusal_of_sign(sign: str, unit: str, currency: str) -> str:
    """ "" if allowed."""
    if sign == _PERCENT:
        return "" if unit == "percent" else NO_PERCENT
    if not is_sign(sign):
        return NOT_A_NUMBER
    if not sign:
        return ""
    if unit != "money":
        return NO_MONEY
    return "" if currency in _currencies()[sign] else OTHER_CURRENCY.format(currency=currency)


@lru_cache(maxsize=1)
def _currencies() -> Mapping[str, frozenset[str]]:
    """ "$" means all dollars and pesos."""
    meant: dict[str, set[str]] = defaultdict(set)
    for code in list_currencies():
        symbol = get_currency_symbol(code, locale="en_US")
        for sign in {code, symbol, *_LAST_SIGN.findall(symbol)}:
            meant[sign].add(code)
    return {sign: frozenset(codes) for sign, codes in meant.items()}


def count(v: Number | None) -> str:
    """ "1,234", "−5"; None is "–"."""
    if v is None:
        return NOTHING
    whole = int(v)
    if whole != v:
        whole = int(half_up(v, 0))
    return f"{whole:,}" if whole >= 0 else f"{MINUS}{-whole:,}"


def decimal(v: Number | None) -> str:
    """ "4.5"; None is "–"."""
    if v is None:
        return NOTHING
    rounded = half_up(v, 1)
    return _minus(rounded) + f"{abs(rounded):,}"


def rate(v: Number | None) -> str:
    """0.26 is "26.0%"; None is "–"."""
    return NOTHING if v is None else decimal(_hundredfold(v)) + "%"


def points(v: Number | None) -> str:
    """0.032 is "+3.2 pts"; None is "–"."""
    if v is None:
        return NOTHING
    rounded = half_up(_hundredfold(v), 1)
    return f"{_sign(rounded)}{abs(rounded):,} pts"


def signed(v: Number | None) -> str:
    """ "+8", "−1.5", "0"."""
    if v is None:
        return NOTHING
    rounded = half_up(v, 2)
    return _sign(rounded) + _trimmed(rounded).removesuffix(".0")


def money(v: Number | None, currency: str) -> str:
    """ "$9,600", "−$4,800"; None is "–"."""
    if v is None:
        return NOTHING
    rounded = half_up(v, 0)
    return f"{_minus(rounded)}{_symbol(currency)}{abs(rounded):,}"


def value(v: Number | None, unit: str, currency: str) -> str:
    """Format an entry; 12.5 percent is "12.5%", None "–". Raises ValueError for other units."""
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
    """For files: "1234.5"; at most four decimals."""
    if isinstance(v, Fraction):
        v = Decimal(floor(v * 10_000 + _HALF)).scaleb(-4)
    exact = Decimal(repr(v)) if isinstance(v, float) else Decimal(v)
    rounded = exact.quantize(_TEN_THOUSANDTH, rounding=ROUND_HALF_UP)
    # Adding 0 makes -0 positive.
    return f"{rounded.normalize() + 0:f}"


def half_up(v: Number, places: int) -> Decimal:
    """Round half away from zero to at most 2 decimals; floats as printed."""
    if isinstance(v, Fraction):
        units = Decimal(floor(abs(v) * 10**places + _HALF)).scaleb(-places)
        return units if v >= 0 else -units
    exact = Decimal(repr(v)) if isinstance(v, float) else Decimal(v)
    return exact.quantize(_STEPS[places], rounding=ROUND_HALF_UP)


def _hundredfold(v: Number) -> Number:
    # As a float, 0.285 * 100 is 28.499999999999996.
    return Decimal(repr(v)).scaleb(2) if isinstance(v, float) else v * 100


def _minus(rounded: Decimal) -> str:
    return MINUS if rounded < 0 else ""


def _sign(rounded: Decimal) -> str:
    return "+" if rounded > 0 else _minus(rounded)


def _trimmed(hundredths: Decimal) -> str:
    return f"{abs(hundredths):,}".removesuffix("0")


@lru_cache(maxsize=256)
def _symbol(currency: str) -> str:
    symbol = get_currency_symbol(currency, locale="en_US")
    return f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else symbol
