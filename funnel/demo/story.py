"""Plausible, reproducible weekly numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from funnel.domain.weeks import Week

DIP_WEEKS = 3
GROWTH_A_WEEK = 0.0015
HOLIDAY = 0.6
HOLIDAYS = {(12, 25): "Christmas", (1, 1): "New Year", (7, 4): "Independence Day"}
# January to December: demand peaks in spring and before the holidays.
SEASON = (0.97, 1.00, 1.05, 1.07, 1.05, 0.98, 0.92, 0.92, 1.00, 1.05, 1.03, 0.94)


@dataclass(frozen=True, slots=True)
class Funnel:
    """`rates` are shares of the previous stage; recently, stage `dip` yields only `depth` of the
    usual."""

    leads: int
    rates: tuple[float, ...]
    dip: int | None = None
    depth: float = 0.6


def numbers(funnel: Funnel, weeks: Sequence[Week], rng: Random) -> list[tuple[int, ...]]:
    """Oldest first; no stage exceeds the previous one."""
    return [
        _recent(funnel, rng) if ago <= DIP_WEEKS else _usual(funnel, week, weeks[-1], ago, rng)
        for ago, week in zip(range(len(weeks), 0, -1), weeks, strict=True)
    ]


def ratings(weeks: Sequence[Week], rng: Random) -> list[Decimal]:
    last = max(len(weeks) - 1, 1)
    drawn = (4.5 + 0.3 * n / last + rng.uniform(-0.06, 0.06) for n in range(len(weeks)))
    return [Decimal(f"{rating:.1f}") for rating in drawn]


def spending(leads: Sequence[int], rng: Random) -> list[Decimal]:
    planned = sum(leads) / len(leads)
    return [Decimal(round(7.5 * (planned + n) / 2 * rng.uniform(0.92, 1.08)) * 10) for n in leads]


def _usual(funnel: Funnel, week: Week, last: Week, ago: int, rng: Random) -> tuple[int, ...]:
    level = funnel.leads * SEASON[week.monday.month - 1] / SEASON[last.monday.month - 1]
    level *= (1 + GROWTH_A_WEEK) ** (1 - ago)
    if holiday_in(week):
        level *= HOLIDAY
    stages = [_heads(2 * round(level), 0.5, rng)]
    for rate in funnel.rates:
        stages.append(_heads(stages[-1], rate, rng))
    return tuple(stages)


def _recent(funnel: Funnel, rng: Random) -> tuple[int, ...]:
    # Almost without chance, season and holidays, so that the dip shows with any seed and date.
    stages: list[int] = []
    for stage, share in enumerate((funnel.leads, *funnel.rates)):
        before = stages[-1] if stages else 1
        depth = funnel.depth if stage == funnel.dip else 1
        due = round(before * share * depth * rng.uniform(0.95, 1.0))
        stages.append(min(due, before) if stages else due)
    return tuple(stages)


def _heads(tosses: int, chance: float, rng: Random) -> int:
    return sum(rng.random() < chance for _ in range(tosses))


def holiday_in(week: Week) -> str | None:
    for year in {week.monday.year, week.sunday.year}:
        for (month, day), name in HOLIDAYS.items():
            if week.monday <= date(year, month, day) <= week.sunday:
                return name
    # The fourth Thursday of November, three days before the week's Sunday.
    is_it = week.sunday.toordinal() - 3 in _fourth_week_of_november(week.monday.year)
    return "Thanksgiving" if is_it else None


def _fourth_week_of_november(year: int) -> range:
    return range(date(year, 11, 22).toordinal(), date(year, 11, 29).toordinal())
