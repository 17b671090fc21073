from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.variation import Limits
from funnel.domain.weeks import MONTHS, Week
from funnel.models import KPI

# Steps per unit when a usual range is worded; other units use hundredths.
STEPS: Mapping[str, int] = {KPI.Unit.COUNT: 1, KPI.Unit.PERCENT: 10}
# Tolerance for floating-point error when a limit is rounded.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Wording:
    name: str
    unit: str
    currency: str

    def value(self, v: Number | None) -> str:
        return numbers.value(v, self.unit, self.currency)

    def limit(self, v: Number | None) -> str:
        """Counts get one decimal."""
        return numbers.decimal(v) if self.unit == KPI.Unit.COUNT else self.value(v)

    def between(self, limits: Limits) -> str:
        return f"{self.limit(limits.drawn_lower)} – {self.limit(limits.upper)}"

    def usual(self, limits: Limits) -> str:
        """For example "usually 20 to 41"."""
        step = STEPS.get(self.unit, 100)
        low = ceil(limits.drawn_lower * step - _ROUNDING)
        high = floor(limits.upper * step + _ROUNDING)
        if low > high:
            return f"usually about {self.limit(limits.mean)}"
        least, most = (self.value(Decimal(v) / step) for v in (low, high))
        return f"usually {least}" if low == high else f"usually {least} to {most}"


def day_of(week: Week) -> str:
    """The Monday with its year."""
    return f"{MONTHS[week.monday.month - 1]} {week.monday.day}, {week.monday.year}"


def span_of(first: Week, last: Week) -> str:
    """For example "Oct 26 – Nov 22, 2026"."""
    if first == last:
        return first.label
    begins = first.short_label if first.monday.year == last.sunday.year else day_of(first)
    day = last.sunday
    return f"{begins} – {MONTHS[day.month - 1]} {day.day}, {day.year}"
