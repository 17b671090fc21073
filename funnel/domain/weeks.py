"""ISO weeks, Monday to Sunday. See docs/measures.md#week."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_FORM = re.compile(r"([0-9]{4})-W([0-9]{2})")
# Not strftime: its month names follow the server's locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# The range of Python's dates, in whole weeks. Steps beyond are clamped, so that a made-up URL such
# as 0001-W01 gives an empty page and not an OverflowError.
FIRST_MONDAY = date.min
LAST_MONDAY = date(9999, 12, 20)
LAST_PARSED_YEAR = 9998
_FIRST_ORDINAL, _LAST_ORDINAL = FIRST_MONDAY.toordinal(), LAST_MONDAY.toordinal()


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Raises ValueError for other days than Mondays."""

    monday: date

    def __post_init__(self) -> None:
        # A datetime is a date to isinstance, but never equal to one.
        if isinstance(self.monday, datetime):
            raise ValueError(f"A week starts on a date, not at a time: {self.monday}.")
        if self.monday.weekday() != 0:
            raise ValueError(f"A week starts on a Monday, and {self.monday} is not one.")
        if self.monday > LAST_MONDAY:
            raise ValueError(f"The calendar ends before the week of {self.monday}.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `2026-W47`, years 0001 to 9998. Raises ValueError."""
        match = _FORM.fullmatch(text)
        if match is None or int(match[1]) > LAST_PARSED_YEAR:
            raise ValueError("A week is written like 2026-W47.")
        return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day - _ONE_DAY * day.weekday())

    @classmethod
    def running(cls, today: date) -> Self:
        """Open for entry, not averaged."""
        return cls.of(today)

    @classmethod
    def reporting(cls, today: date) -> "Week":
        """The last completed week."""
        return cls.of(today).previous

    @classmethod
    def range(cls, first: "Week", last: "Week") -> tuple["Week", ...]:
        begin, end = first.monday.toordinal(), last.monday.toordinal()
        return tuple([_of_ordinal(day) for day in range(begin, end + 1, 7)])

    @property
    def sunday(self) -> date:
        return self.monday + 6 * _ONE_DAY

    @property
    def next(self) -> "Week":
        return self.plus(1)

    @property
    def previous(self) -> "Week":
        return self.plus(-1)

    def plus(self, n: int) -> "Week":
        """Clamped to the calendar."""
        day = self.monday.toordinal() + 7 * n
        return _of_ordinal(max(_FIRST_ORDINAL, min(day, _LAST_ORDINAL)))

    def back(self, n: int) -> tuple["Week", ...]:
        """The n weeks before, oldest first."""
        return _back(self, n)

    def is_running(self, today: date) -> bool:
        return self.monday <= today <= self.sunday

    def is_future(self, today: date) -> bool:
        return today < self.monday

    def review_day(self, today: date) -> date:
        """The day that determines the owner."""
        return min(today, self.next.sunday)

    @property
    def short_label(self) -> str:
        return _month_and_day(self.monday)

    @property
    def days(self) -> str:
        """As in "Nov 30 – Dec 6"."""
        last = self.sunday
        end = str(last.day) if last.month == self.monday.month else _month_and_day(last)
        return f"{self.short_label} – {end}"

    @property
    def label(self) -> str:
        first, last = self.monday, self.sunday
        if first.year != last.year:
            return f"{self.short_label}, {first.year} – {_month_and_day(last)}, {last.year}"
        return f"{self.days}, {last.year}"

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"


@lru_cache(maxsize=4096)
def _of_ordinal(day: int) -> Week:
    return Week(date.fromordinal(day))


@lru_cache(maxsize=4096)
def _back(week: Week, n: int) -> tuple[Week, ...]:
    """Cached: many practices need the same weeks."""
    if n <= 0 or week.monday == FIRST_MONDAY:
        return ()
    return Week.range(week.plus(-n), week.previous)


def local_today(now: datetime, tz_name: str) -> date:
    """Raises ValueError for a naive `now`."""
    if now.utcoffset() is None:
        raise ValueError("Now needs a time zone.")
    return now.astimezone(ZoneInfo(tz_name)).date()


def local_moment(day: date, at: time, tz_name: str) -> datetime:
    """As UTC; a skipped 2:30 becomes 3:30, a repeated time is the first."""
    return datetime.combine(day, at, ZoneInfo(tz_name)).astimezone(UTC)


def _month_and_day(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}"
