"""The season of one number: how much of a usual week each month has, from the years before.

See docs/measures.md#behaviour-of-one-number-over-time.
"""

from collections.abc import Sequence
from math import fsum
from operator import add
from typing import NamedTuple

# A season is known from so many weeks, so many of them counted; up to three years make the index.
YEAR = 52
MIN_YEARS, YEARS = 2, 3
FEWEST_WEEKS = 80
# Another year is used with as large a share of its weeks counted.
FEWEST_YEAR_WEEKS = FEWEST_WEEKS // MIN_YEARS
# Weeks of a month in which next to nothing ever happens have nothing to be compared with.
LEAST_INDEX = 0.1
# Values are added up in millionths.
EXACT = 10**6


class Season:
    """The month index of a number at any week, from the counted weeks before it.

    `values` and `months` (0 to 11) are those of the counted weeks, oldest first; `places` has for
    each week, and for the one after the last, how many were counted before it.
    """

    __slots__ = ("exact", "months", "places", "values", "years")

    def __init__(
        self, values: Sequence[float], months: Sequence[int], places: Sequence[int]
    ) -> None:
        self.values = values
        self.months = months
        self.places = places
        # The values in 1 / EXACT, once they are asked for.
        self.exact: list[int] = []
        # By the week that each begins with.
        self.years: dict[int, _Year] = {}

    def index(self, week: int) -> list[float] | None:
        """The month index of the years before a week, January first; None while unknown.

        Nor is it known after a year of nothing, which has no mean to divide by.
        Each value of a whole 52-week year is divided by the mean of that year, so that growth does
        not leak in; the means by month are scaled to mean 1 and drawn towards 1 by the share of
        their variance that the noise within the months explains. A month without a value gets 1.
        """
        two_years_ago = week - MIN_YEARS * YEAR
        if two_years_ago < 0:
            return None
        if self.places[week] - self.places[two_years_ago] < FEWEST_WEEKS:
            return None
        # Not by the first of the values, which may be those of other numbers or cut off.
        if self.places[two_years_ago + 1] == self.places[max(0, week - YEARS * YEAR)]:
            return None
        sums, counts, squares = [0.0] * 12, [0] * 12, 0.0
        for number in range(1, YEARS + 1):
            year = self._year(week - number * YEAR)
            mean = year.total / year.weeks if year.weeks else 0.0
            if mean <= 0 or (number > MIN_YEARS and year.weeks < FEWEST_YEAR_WEEKS):
                if number > MIN_YEARS:
                    break
                return None
            sums = [s + of_month / mean for s, of_month in zip(sums, year.sums, strict=True)]
            counts = list(map(add, counts, year.counts))
            squares += year.squares / (mean * mean)
        return _month_index(sums, counts, squares)

    def _year(self, start: int) -> "_Year":
        """The year that begins with a week. Stored, because it is the first before one week and the
        second and third before others."""
        found = self.years.get(start)
        if found is None:
            if not self.exact:
                self.exact = [round(number * EXACT) for number in self.values]
            low, high = self.places[max(0, start)], self.places[max(0, start + YEAR)]
            earlier = self.years.get(start - 1)
            if earlier is None:
                found = _Year([0] * 12, [0] * 12, 0, 0, 0).moved(self, range(low, high))
            else:
                # As the one that begins a week earlier, but for two weeks.
                left = range(self.places[max(0, start - 1)], low)
                came = range(self.places[max(0, start - 1 + YEAR)], high)
                found = earlier.moved(self, came, left)
            self.years[start] = found
        return found


class _Year(NamedTuple):
    """The counted weeks of a year: by month the sum and the count; their sum, their squares and how
    many. Sums of whole numbers, in 1 / EXACT, so that their order does not matter."""

    sums: list[int]
    counts: list[int]
    total: int
    squares: int
    weeks: int

    def moved(self, season: Season, came: range, left: range = range(0)) -> "_Year":
        """With the counted weeks of some places, without those of others."""
        sums, counts = self.sums[:], self.counts[:]
        total, squares = self.total, self.squares
        for places, sign in ((came, 1), (left, -1)):
            for place in places:
                value, month = season.exact[place], season.months[place]
                sums[month] += sign * value
                counts[month] += sign
                total += sign * value
                squares += sign * value * value
        return _Year(sums, counts, total, squares, self.weeks + len(came) - len(left))


def _month_index(sums: Sequence[float], counts: Sequence[int], squares: float) -> list[float]:
    """The index of each month from relative values, of mean 1, drawn towards 1 by their noise.

    1 + k(index - 1) with k = max(0, 1 - mean squared standard error / variance of the indices):
    an empirical Bayes estimate (Efron and Morris 1975). The standard errors come from the variance
    within the months, pooled. A month without a value gets 1.
    """
    means = [s / n for s, n in zip(sums, counts, strict=True) if n]
    centre = fsum(means) / len(means)
    spread = fsum([(mean - centre) ** 2 for mean in means])
    free = sum(counts) - len(means)
    if spread <= 0 or free <= 0:
        return [1.0] * 12
    within = squares - fsum([s * s / n for s, n in zip(sums, counts, strict=True) if n])
    error = max(0.0, within) / free * fsum([1 / n for n in counts if n]) / len(means)
    k = max(0.0, 1 - error * (len(means) - 1) / spread)
    return [
        max(LEAST_INDEX, 1 + k * (s / n / centre - 1)) if n else 1.0
        for s, n in zip(sums, counts, strict=True)
    ]
