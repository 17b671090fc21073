"""Expected minus actual patients by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from operator import mul

from funnel.domain.conversion import FEWEST_WEEKS, WEEKS_BEFORE
from funnel.domain.gap import (
    Expected,
    GapSplit,
    biggest_leak,
    expected_from_history,
    expected_from_targets,
    rounded_parts,
    split,
)
from funnel.domain.numbers import half_up
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.models import Practice
from funnel.reports.board import headline
from funnel.reports.board.lines import KPILine, StageLine
from funnel.reports.series.series import Series

WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class GapLine:
    """Positive is lost. Patients in tenths, money in whole units, rounded to add up; None if
    unknown.
    """

    slug: str
    name: str
    role: str
    owner: str | None
    place: int
    patients: Decimal | None
    money: Decimal | None
    is_biggest: bool
    goal: float | None
    verdict: Verdict | None

    @property
    def is_gain(self) -> bool:
        return self.patients is not None and self.patients < 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Patients in tenths, money in whole units. None while the last stage is missing."""

    expected: Decimal
    expected_money: Decimal | None
    actual: Decimal | None
    total: Decimal | None
    total_money: Decimal | None
    is_from_targets: bool
    lines: tuple[GapLine, ...]

    @property
    def biggest(self) -> GapLine | None:
        return next((line for line in self.lines if line.is_biggest), None)


@dataclass(frozen=True, slots=True)
class Risk:
    """A KPI without owner; `patients` are lost (`is_lost`) or expected there."""

    slug: str
    name: str
    role: str
    patients: Decimal | None
    money: Decimal | None
    is_lost: bool
    sentence: str


def build_gap(series: Series, week: Week, stages: Sequence[StageLine]) -> Gap | None:
    """None while running or without expectations. A stage too new for them is part of the adjacent
    step.
    """
    if week.is_running(series.today):
        return None
    found = _expected(series, week, stages)
    if found is None:
        known = [line for line in stages if not _is_new(line)]
        found = _expected(series, week, known) if known and len(known) < len(stages) else None
        stages = known
    if found is None:
        return None
    expected, is_from_targets = found
    exact = split(expected, [line.value for line in stages])
    value = series.patient_value(week)
    return _gap(value, stages, expected, exact, is_from_targets=is_from_targets)


def _expected(
    series: Series, week: Week, stages: Sequence[StageLine]
) -> tuple[Expected, bool] | None:
    """Return expectations, and whether they are targets."""
    if expected := expected_from_targets([line.target for line in stages]):
        return expected, True
    weeks = week.back(WEEKS_BEFORE)
    ids = {kpi.slug: kpi.id for kpi in series.stages(week)}
    columns = [series.full_weeks(ids[line.slug], weeks) for line in stages]
    expected = expected_from_history(columns)
    return (expected, False) if expected else None


def _is_new(line: StageLine) -> bool:
    recorded = sum(value is not None for value in line.before)
    return line.target is None and recorded < FEWEST_WEEKS


def _gap(
    value: Decimal | None,
    stages: Sequence[StageLine],
    expected_each: Expected,
    exact: GapSplit,
    *,
    is_from_targets: bool,
) -> Gap:
    biggest = biggest_leak(exact.parts)
    patients = rounded_parts(exact.parts, exact.total)
    money: Sequence[Decimal | None] = [None] * len(stages)
    expected_money = total_money = None
    if value is not None:
        worth = exact.in_money(value)
        money = rounded_parts(worth.parts, worth.total, WHOLE)
        expected_money = half_up(worth.expected, 0)
        total_money = None if worth.total is None else half_up(worth.total, 0)
    goals = accumulate(expected_each.rates, mul, initial=expected_each.first)
    actual = stages[-1].value
    total = None if exact.total is None else half_up(exact.total, 1)
    # Derived from the rounded total, so that expected - actual = total holds on the page.
    expected = half_up(exact.expected, 1) if total is None or actual is None else total + actual
    return Gap(
        expected=expected,
        expected_money=expected_money,
        actual=actual,
        total=total,
        total_money=total_money,
        is_from_targets=is_from_targets,
        lines=tuple(
            GapLine(
                slug=line.slug,
                name=line.name,
                role=line.role,
                owner=line.owner,
                place=line.place,
                patients=patients[index],
                money=money[index],
                is_biggest=index == biggest,
                goal=float(goal),
                verdict=line.stage_verdict,
            )
            for index, (line, goal) in enumerate(zip(stages, goals, strict=True))
        ),
    )


def build_risks(practice: Practice, lines: Sequence[KPILine], gap: Gap | None) -> tuple[Risk, ...]:
    """KPIs without owner."""
    parts = {part.slug: part for part in gap.lines} if gap else {}
    return tuple(
        _risk(practice, line, gap, parts.get(line.slug)) for line in lines if line.is_unowned
    )


def _risk(practice: Practice, line: KPILine, gap: Gap | None, part: GapLine | None) -> Risk:
    patients = money = None
    is_lost = part is not None and part.patients is not None and part.patients > 0
    if part is not None and is_lost:
        patients, money = part.patients, part.money
    elif part is not None and gap is not None:
        patients, money = gap.expected, gap.expected_money
    return Risk(
        slug=line.slug,
        name=line.name,
        role=line.role,
        patients=patients,
        money=money,
        is_lost=is_lost,
        sentence=headline.at_risk(
            name=line.name,
            patients=patients,
            money=money,
            currency=practice.currency,
            is_lost=is_lost,
        ),
    )
