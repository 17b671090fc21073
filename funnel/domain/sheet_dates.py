import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from babel.dates import get_month_names

from funnel.domain.weeks import MONTHS, Week


class Signed(NamedTuple):
    """A number with a percent or currency sign."""

    number: int | float
    sign: str

    def __str__(self) -> str:
        return f"{self.number:.15g}{self.sign}"


Cell = str | int | float | Signed

# Day 0 of a workbook; the nonexistent 1900-02-29 of Lotus is before every practice.
EPOCH = date(1899, 12, 30)
FIRST_SERIAL = (date(2000, 1, 1) - EPOCH).days
LAST_SERIAL = (date(2099, 12, 31) - EPOCH).days
LONGEST = 60
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
SUNDAY = 6

_ENDS = re.compile(r"^(?:w/e|wk ending|week[ -]ending|week ended|ending)\b[ :]*", re.I)
_BEGINS = re.compile(
    r"^(?:w/c|wc|wk of|week of|week[ -]commencing|week[ -]beginning|week[ -]starting|week from"
    r"|woche vom|semaine du|semana del|starting|beginning)\b[ :]*(?:the )?",
    re.I,
)
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* +", re.I
)
_TIME = re.compile(r"[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[ap]m)?Z?$", re.I)
_ISO = re.compile(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_WEEK = re.compile(r"([0-9]{4})[-/. ]*(?:W|Wk|Week|KW|CW)[ -]?([0-9]{1,2})(?:-?[1-7])?", re.I)
_WEEK_YEAR = re.compile(
    r"(?:W|Wk|Week|KW|CW|Semaine|Semana|Woche)[ .#-]*([0-9]{1,2})[-/,. ]+(?:of )?([0-9]{4})", re.I
)
_NUMERIC = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_DAY_NAME = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th|\.)?[ /-]*(?:of |de )?([^\W\d_]+)\.?[, /-]*(?:de )?"
    r"([0-9]{4}|[0-9]{2})",
    re.I,
)
_NAME_DAY = re.compile(r"([^\W\d_]+)\.?[ /-]*([0-9]{1,2})(?:st|nd|rd|th)?[, /-]+([0-9]{4})", re.I)
# "Nov 16 – 22, 2026", "11/16 - 11/22/2026", "Dec 28, 2026 – Jan 3, 2027".
_RANGE = re.compile(r"(.+?)(?: +(?:-|to|bis) +| *[–—] *)(.+)")
_HAS_YEAR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


class Order(StrEnum):
    MONTH = "month"
    DAY = "day"


class Sunday(StrEnum):
    BEGINS = "begins"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class DateReading:
    """`ends` is None unless stated."""

    by_month: date | None
    by_day: date | None
    names_week: bool = False
    ends: bool | None = None

    @property
    def is_ambiguous(self) -> bool:
        return (
            self.by_month is not None and self.by_day is not None and self.by_month != self.by_day
        )

    def day(self, order: Order) -> date | None:
        return self.by_day if order is Order.DAY else self.by_month

    def week(self, order: Order, sunday: Sunday) -> Week | None:
        """A Sunday that starts a week belongs to the next."""
        day = self.day(order)
        if day is None:
            return None
        is_first = sunday is Sunday.BEGINS if self.ends is None else not self.ends
        if day.weekday() == SUNDAY and is_first and not self.names_week:
            day += timedelta(days=1)
        return Week.of(day)


def read(cell: Cell, *, serials: bool = False) -> DateReading | None:
    """Date or week from 2000 to 2099, or None."""
    if isinstance(cell, str):
        return _read_text(cell.strip(), serials)
    if isinstance(cell, Signed):
        return None
    if serials and FIRST_SERIAL <= cell <= LAST_SERIAL and cell == int(cell):
        return _settled(EPOCH + timedelta(days=int(cell)))
    return None


def orders(cells: Iterable[DateReading]) -> frozenset[Order]:
    """Orders that make every cell a date."""
    left = set(Order)
    for dated in cells:
        left -= {order for order in left if dated.day(order) is None}
    return frozenset(left)


def said(day: date) -> str:
    """As "Nov 16, 2026"."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


@lru_cache(maxsize=4096)
def _read_text(text: str, serials: bool) -> DateReading | None:
    if not 5 <= len(text) <= LONGEST or not any(letter in "0123456789" for letter in text):
        return None
    if not text.isascii():
        text = text.translate({0xA0: " ", 0x202F: " ", 0x2011: "-"})
    if serials and text.isascii() and text.isdigit() and len(text) == 5:
        return read(int(text), serials=True)
    if match := _YEAR_WEEK.fullmatch(text):
        return _of_week(int(match[1]), int(match[2]))
    if match := _WEEK_YEAR.fullmatch(text):
        return _of_week(int(match[2]), int(match[1]))
    ends: bool | None = None
    if _ENDS.match(text):
        text, ends = _ENDS.sub("", text), True
    elif _BEGINS.match(text):
        text, ends = _BEGINS.sub("", text), False
    text = _WEEKDAY.sub("", text)
    found = _read_day(_TIME.sub("", text)) or _read_range(text)
    if found is None or ends is None:
        return found
    return DateReading(found.by_month, found.by_day, found.names_week, ends)


def _read_day(text: str) -> DateReading | None:
    if match := _ISO.fullmatch(text):
        return _settled(_date(int(match[1]), int(match[3]), int(match[4])))
    if match := _NUMERIC.fullmatch(text):
        one, two, year = int(match[1]), int(match[3]), _year(match[4])
        by_month, by_day = _date(year, one, two), _date(year, two, one)
        return DateReading(by_month, by_day) if by_month or by_day else None
    if match := _DAY_NAME.fullmatch(text):
        return _settled(_date(_year(match[3]), _months().get(match[2].casefold()), int(match[1])))
    if match := _NAME_DAY.fullmatch(text):
        return _settled(_date(int(match[3]), _months().get(match[1].casefold()), int(match[2])))
    return None


def _read_range(text: str) -> DateReading | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last = match[1].strip(), match[2].strip()
    year = _HAS_YEAR.search(last)
    if year is None:
        return None
    if not _HAS_YEAR.search(first):
        first = f"{first}{'/' if '/' in first else ' '}{year[0]}"
    found = _read_day(first)
    return DateReading(found.by_month, found.by_day, ends=False) if found else None


def _settled(day: date | None) -> DateReading | None:
    return DateReading(day, day) if day else None


def _of_week(year: int, number: int) -> DateReading | None:
    try:
        monday = date.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    return DateReading(monday, monday, names_week=True) if 2000 <= year <= 2099 else None


def _date(year: int, month: int | None, day: int) -> date | None:
    if month is None or not 2000 <= year <= 2099:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    meant: dict[str, set[int]] = {"sept": {9}}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for month, name in get_month_names(width, "format", language).items():
                meant.setdefault(name.casefold().rstrip("."), set()).add(month)
    return {name: months.pop() for name, months in meant.items() if len(months) == 1}
