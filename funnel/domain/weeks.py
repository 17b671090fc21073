"""The week: an ISO week, Monday to Sunday, known by its Monday. See docs/measures.md#week."""

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

# The calendar of Python's dates, cut to whole weeks. Steps beyond it stay at its ends, so that
# a made-up URL such as 0001-W01 gives an empty page and not an OverflowError.
FIRST_MONDAY = date.min
LAST_MONDAY = date(9999, 12, 20)
LAST_PARSED_YEAR = 9998
_FIRST_ORDINAL, _LAST_ORDINAL = FIRST_MONDAY.toordinal(), LAST_MONDAY.toordinal()


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week. Ordered and hashable by its Monday; any other day raises ValueError."""

    monday: date

    def __post_init__(self) -> None:
        # A datetime is a date to isinstance, yet never equal to one.
        if isinstance(self.monday, datetime):
            raise ValueError(f"A week starts on a date, not at a time: {self.monday}.")
        if self.monday.weekday() != 0:
            raise ValueError(f"A week starts on a Monday, and {self.monday} is none.")
        if self.monday > LAST_MONDAY:
            raise ValueError(f"The calendar ends before the week of {self.monday}.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The week written `2026-W47`, years 0001 to 9998; anything else raises ValueError."""
        match = _FORM.fullmatch(text)
        if match is None or int(match[1]) > LAST_PARSED_YEAR:
            raise ValueError("A week is written like 2026-W47.")
        return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))

    @classmethod
    def of(cls, day: date) -> Self:
        """The week the day is in."""
        return cls(day - _ONE_DAY * day.weekday())

    @classmethod
    def running(cls, today: date) -> Self:
        """The week today is in: may be entered, takes no part in averages."""
        return cls.of(today)

    @classmethod
    def reporting(cls, today: date) -> "Week":
        """The last week that has ended: the one a meeting reviews."""
        return cls.of(today).previous

    @classmethod
    def range(cls, first: "Week", last: "Week") -> tuple["Week", ...]:
        """The weeks from first to last, both included; none when last is before first."""
        begin, end = first.monday.toordinal(), last.monday.toordinal()
        return tuple([_of_ordinal(day) for day in range(begin, end + 1, 7)])

    @property
    def sunday(self) -> date:
        """The week's last day."""
        return self.monday + 6 * _ONE_DAY

    @property
    def next(self) -> "Week":
        """The week after; the calendar's last week is its own next."""
        return self.plus(1)

    @property
    def previous(self) -> "Week":
        """The week before; the calendar's first week is its own previous."""
        return self.plus(-1)

    def plus(self, n: int) -> "Week":
        """The week n weeks later (earlier when negative), held at the ends of the calendar."""
        day = self.monday.toordinal() + 7 * n
        return _of_ordinal(max(_FIRST_ORDINAL, min(day, _LAST_ORDINAL)))

    def back(self, n: int) -> tuple["Week", ...]:
        """The n weeks before this one, oldest first; fewer at the start of the calendar."""
        return _back(self, n)

    def is_running(self, today: date) -> bool:
        """True while today is in this week."""
        return self.monday <= today <= self.sunday

    def is_future(self, today: date) -> bool:
        """True until this week has begun."""
        return today < self.monday

    def review_day(self, today: date) -> date:
        """The day whose owner answers for this week's number.

        A week is reviewed in the week after it: that week's last day, or today if it is not over.
        """
        return min(today, self.next.sunday)

    @property
    def short_label(self) -> str:
        """The Monday, as in "Nov 16"."""
        return _month_and_day(self.monday)

    @property
    def days(self) -> str:
        """First and last day without the year, as in "Nov 16 – 22" or "Nov 30 – Dec 6"."""
        last = self.sunday
        end = str(last.day) if last.month == self.monday.month else _month_and_day(last)
        return f"{self.short_label} – {end}"

    @property
    def label(self) -> str:
        """First and last day, as in "Nov 16 – 22, 2026"; month and year again where they change."""
        first, last = self.monday, self.sunday
        if first.year != last.year:
            return f"{self.short_label}, {first.year} – {_month_and_day(last)}, {last.year}"
        return f"{self.days}, {last.year}"

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"


@lru_cache(maxsize=4096)
def _of_ordinal(day: int) -> Week:
    """The week of that Monday. Remembered: pages count over the same few hundred weeks."""
    return Week(date.fromordinal(day))


@lru_cache(maxsize=4096)
def _back(week: Week, n: int) -> tuple[Week, ...]:
    """As `Week.back`. Remembered: a page of 50 practices asks for the same weeks 500 times."""
    if n <= 0 or week.monday == FIRST_MONDAY:
        return ()
    return Week.range(week.plus(-n), week.previous)


def local_today(now: datetime, tz_name: str) -> date:
    """The date on the wall calendar at `now` in the named time zone.

    A naive `now` raises ValueError; an unknown zone raises ZoneInfoNotFoundError (a KeyError).
    """
    if now.utcoffset() is None:
        raise ValueError("Now must say its time zone.")
    return now.astimezone(ZoneInfo(tz_name)).date()


def local_moment(day: date, at: time, tz_name: str) -> datetime:
    """The moment, in UTC, when the clock on the wall of the named zone shows that time of that day.

    Where clocks are put forward and never show it, as much later as they were put forward: 2:30
    becomes 3:30. Where they are put back and show it twice, the first time.
    """
    return datetime.combine(day, at, ZoneInfo(tz_name)).astimezone(UTC)


def _month_and_day(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}"
