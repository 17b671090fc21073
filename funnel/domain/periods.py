"""See docs/measures.md#months-and-quarters."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from decimal import Decimal
from typing import Self

from funnel.domain.weeks import LAST_MONDAY, MONTHS, Week

MONTH = "month"
QUARTER = "quarter"

_MONTHS_EACH = {MONTH: 1, QUARTER: 3}
_TO_THURSDAY = timedelta(days=3)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month or quarter of the weeks with a Thursday in it. Raises ValueError."""

    kind: str
    year: int
    number: int

    def __post_init__(self) -> None:
        if self.kind not in _MONTHS_EACH:
            raise ValueError(f"A period is a month or a quarter, not {self.kind!r}.")
        if not (MINYEAR <= self.year <= MAXYEAR and 1 <= self.number <= self._a_year):
            raise ValueError(f"No {self.kind} is number {self.number} of {self.year}.")

    @classmethod
    def of(cls, week: Week, kind: str) -> Self:
        thursday = week.monday + _TO_THURSDAY
        months = _MONTHS_EACH.get(kind, 1)  # an invalid kind is refused by the constructor
        return cls(kind, thursday.year, (thursday.month - 1) // months + 1)

    @property
    def next(self) -> Self:
        return self.plus(1)

    @property
    def previous(self) -> Self:
        return self.plus(-1)

    @property
    def a_year_before(self) -> Self:
        return self.plus(-self._a_year)

    def plus(self, n: int) -> Self:
        """Clamped to the calendar."""
        first, last = MINYEAR * self._a_year, (MAXYEAR + 1) * self._a_year - 1
        place = max(first, min(self.year * self._a_year + self.number - 1 + n, last))
        year, before = divmod(place, self._a_year)
        return type(self)(self.kind, year, before + 1)

    @property
    def weeks(self) -> tuple[Week, ...]:
        return Week.range(self._first_week, self._last_week)

    @property
    def label(self) -> str:
        name = MONTHS[self.number - 1] if self.kind == MONTH else f"Q{self.number}"
        return f"{name} {self.year}"

    def is_over(self, today: date) -> bool:
        return self._last_week.sunday < today

    def is_running(self, today: date) -> bool:
        return self._first_week.monday <= today <= self._last_week.sunday

    @property
    def _a_year(self) -> int:
        return 12 // _MONTHS_EACH[self.kind]

    @property
    def _first_week(self) -> Week:
        # The first week with its Thursday in the period: three days after a Monday to Thursday is
        # the same week, after a Friday to Sunday the next.
        first_month = (self.number - 1) * _MONTHS_EACH[self.kind] + 1
        return Week.of(date(self.year, first_month, 1) + _TO_THURSDAY)

    @property
    def _last_week(self) -> Week:
        last_month = self.number * _MONTHS_EACH[self.kind]
        last_day = date(self.year, last_month, monthrange(self.year, last_month)[1])
        return Week.of(min(last_day - _TO_THURSDAY, LAST_MONDAY))


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """Sum of recorded values; None without any."""
    recorded = [value for value in values if value is not None]
    return sum(recorded, Decimal()) if recorded else None


def average(values: Iterable[Decimal | None]) -> Decimal | None:
    """Unrounded mean of recorded values; None without any."""
    recorded = [value for value in values if value is not None]
    return sum(recorded, Decimal()) / len(recorded) if recorded else None
