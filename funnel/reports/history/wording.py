"""The numbers and weeks of one KPI as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.variation import Limits
from funnel.domain.weeks import MONTHS, Week
from funnel.models import KPI

# The usual range of a unit is written in so many steps of one; other units go by hundredths.
STEPS: Mapping[str, int] = {KPI.Unit.COUNT: 1, KPI.Unit.PERCENT: 10}
# In words: as far as this off a limit is on it.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Wording:
    """The numbers of one KPI as text."""

    name: str
    unit: str
    currency: str

    def value(self, v: Number | None) -> str:
        """A value, in the KPI's unit."""
        return numbers.value(v, self.unit, self.currency)

    def limit(self, v: Number | None) -> str:
        """A limit, a mean or a range: a count with one decimal."""
        return numbers.decimal(v) if self.unit == KPI.Unit.COUNT else self.value(v)

    def between(self, limits: Limits) -> str:
        """The limits, as in "19.3 – 41.2"."""
        return f"{self.limit(limits.drawn_lower)} – {self.limit(limits.upper)}"

    def usual(self, limits: Limits) -> str:
        """The least and the most that are inside the limits: "usually 20 to 41"."""
        step = STEPS.get(self.unit, 100)
        low = ceil(limits.drawn_lower * step - _ROUNDING)
        high = floor(limits.upper * step + _ROUNDING)
        if low > high:
            return f"usually about {self.limit(limits.mean)}"
        least, most = (self.value(Decimal(v) / step) for v in (low, high))
        return f"usually {least}" if low == high else f"usually {least} to {most}"


def day_of(week: Week) -> str:
    """The Monday with its year, as in "Nov 16, 2026"."""
    return f"{MONTHS[week.monday.month - 1]} {week.monday.day}, {week.monday.year}"


def span_of(first: Week, last: Week) -> str:
    """From the first day to the last, as in "Oct 26 – Nov 22, 2026"."""
    if first == last:
        return first.label
    begins = first.short_label if first.monday.year == last.sunday.year else day_of(first)
    day = last.sunday
    return f"{begins} – {MONTHS[day.month - 1]} {day.day}, {day.year}"
