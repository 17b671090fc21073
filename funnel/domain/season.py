"""Month index. See docs/measures.md#behaviour-of-one-number-over-time."""

from collections.abc import Sequence
from math import fsum
from operator import add
from typing import NamedTuple

# A season needs two years with 80 counted weeks; up to three years make the index.
YEAR = 52
MIN_YEARS, YEARS = 2, 3
FEWEST_WEEKS = 80
# A third year is used with the same share of its weeks counted.
FEWEST_YEAR_WEEKS = FEWEST_WEEKS // MIN_YEARS
# Months with almost nothing every year offer nothing to compare with.
LEAST_INDEX = 0.1
# Values are added up in millionths.
EXACT = 10**6


class Season:
    """`places[week]` counts weeks before it; months are 0 to 11."""

    __slots__ = ("exact", "months", "places", "values", "years")

    def __init__(
        self, values: Sequence[float], months: Sequence[int], places: Sequence[int]
    ) -> None:
        self.values = values
        self.months = months
        self.places = places
        # The values in 1 / EXACT, filled on first use.
        self.exact: list[int] = []
        # By first week.
        self.years: dict[int, _Year] = {}

    def index(self, week: int) -> list[float] | None:
        """Month index, January first; None while unknown or after a year of zeros.

        Relative to the year's mean, so growth does not leak in.
        """
        two_years_ago = week - MIN_YEARS * YEAR
        if two_years_ago < 0:
            return None
        if self.places[week] - self.places[two_years_ago] < FEWEST_WEEKS:
            return None
        # Not by the first value, which may belong to other numbers or be cut off.
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
        found = self.years.get(start)
        if found is None:
            if not self.exact:
                self.exact = [round(number * EXACT) for number in self.values]
            low, high = self.places[max(0, start)], self.places[max(0, start + YEAR)]
            earlier = self.years.get(start - 1)
            if earlier is None:
                found = _Year([0] * 12, [0] * 12, 0, 0, 0).moved(self, range(low, high))
            else:
                # The year that starts a week earlier, except two weeks.
                left = range(self.places[max(0, start - 1)], low)
                came = range(self.places[max(0, start - 1 + YEAR)], high)
                found = earlier.moved(self, came, left)
            self.years[start] = found
        return found


class _Year(NamedTuple):
    """Integers in 1 / EXACT: the order of addition does not matter."""

    sums: list[int]
    counts: list[int]
    total: int
    squares: int
    weeks: int

    def moved(self, season: Season, came: range, left: range = range(0)) -> "_Year":
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
    """Shrink monthly means: 1 + k(index - 1), k = max(0, 1 - mean squared standard error /
    variance).

    Empirical Bayes (Efron and Morris 1975), variance within months pooled.
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
