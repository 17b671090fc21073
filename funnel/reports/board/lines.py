"""Each KPI in one week: its number, owner, target and what is usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from funnel.domain.conversion import Judgement, Usual, judge, step_rate
from funnel.domain.status import Change, Status, change
from funnel.domain.variation import LONGEST, Rule, limits
from funnel.domain.weeks import Week
from funnel.reports.series.behaviour import completed
from funnel.reports.series.figures import Figures, OwnedKPI, Scope


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI in the board's week. Numbers are as entered, None where missing; rates are fractions.

    `owner` and `role` are names; `owner` is None when no one owns the KPI. `status` judges `value`
    against `target`, the target in force that week. `average` is the mean of the recorded weeks
    among the 13 completed ones before, which are `before`, oldest first. `signals` are those the
    week completes. `is_corrected` where the number is other than the team saw when the week was
    closed first: then it was `seen_value`, None for missing.
    """

    slug: str
    name: str
    definition: str
    unit: str
    role: str
    owner: str | None
    is_mine: bool
    value: Decimal | None
    target: Decimal | None
    status: Status
    last_week: Decimal | None
    change: Change | None
    average: Decimal | None
    before: tuple[Decimal | None, ...]
    signals: tuple[Rule, ...]
    is_calculated: bool
    is_corrected: bool
    seen_value: Decimal | None

    @property
    def is_missing(self) -> bool:
        """Nobody has entered it yet, or what it is calculated from."""
        return self.value is None

    @property
    def is_unowned(self) -> bool:
        """No one answers for it."""
        return self.owner is None


@dataclass(frozen=True, slots=True)
class StageLine(Line):
    """One stage of the funnel in the board's week.

    `of_previous` and `of_first` are None for the first stage and where a number is missing or a
    base is 0. `rate_change` is against last week, in fractions (points). `judgement` is None for
    the first stage; its `usual_rate` is the pooled rate of the 13 completed weeks before.
    """

    place: int
    previous_name: str | None
    of_previous: float | None
    of_first: float | None
    rate_change: Change | None
    judgement: Judgement | None

    @property
    def has_step(self) -> bool:
        """Something can be said of what went on from the stage before."""
        usual = self.judgement.usual_rate if self.judgement else None
        return self.of_previous is not None or usual is not None

    @property
    def is_different(self) -> bool:
        """This week's rate lies outside the usual range."""
        return self.judgement is not None and self.judgement.verdict == Usual.DIFFERENT

    @property
    def is_above_all(self) -> bool:
        """More went on than came in: possible, and explained on the page."""
        return self.of_previous is not None and self.of_previous > 1


def build_line(scope: Scope, figures: Figures, kpi: OwnedKPI, staff_id: int | None) -> Line:
    """The KPI in the scope's week, for that reader. No query."""
    return Line(**_line(scope, figures, kpi, staff_id))


def _line(scope: Scope, figures: Figures, kpi: OwnedKPI, staff_id: int | None) -> dict[str, Any]:
    value = figures.value(kpi, scope.week)
    target = figures.target(kpi, scope.week)
    last_week = figures.value(kpi, scope.week.previous)
    before = figures.column(kpi, scope.before)
    earlier = [v for v in before if v is not None]
    is_running = scope.week.is_running(scope.today)
    return {
        "slug": kpi.slug,
        "name": kpi.name,
        "definition": kpi.definition,
        "unit": kpi.unit,
        "role": kpi.role,
        "owner": kpi.owner,
        "is_mine": kpi.owner_id is not None and kpi.owner_id == staff_id,
        "value": value,
        "target": target,
        "status": Status.of(
            value, target, higher_is_better=kpi.higher_is_better, in_progress=is_running
        ),
        "last_week": last_week,
        "change": None if is_running else change(value, last_week),
        "average": sum(earlier, Decimal(0)) / len(earlier) if earlier else None,
        "before": before,
        "signals": () if is_running or value is None else _signals(scope, figures, kpi),
        "is_calculated": kpi.is_calculated,
        "is_corrected": kpi.id in figures.seen,
        "seen_value": figures.seen.get(kpi.id),
    }


def _signals(scope: Scope, figures: Figures, kpi: OwnedKPI) -> tuple[Rule, ...]:
    """The rules that the scope's week completes; none where baselines were not loaded."""
    if not figures.in_full:
        return ()
    start = kpi.start
    if start.frozen is not None:
        weeks: Sequence[Week] = (*scope.before[1 - LONGEST :], scope.week)
        if start.week is not None and start.week > weeks[0]:
            weeks = Week.range(start.week, scope.week)
        return completed(figures.column(kpi, weeks), start.frozen)
    weeks = figures.weeks_of_baseline(kpi, Week.reporting(scope.today))
    values = figures.column(kpi, weeks)
    return completed(values[: weeks.index(scope.week) + 1], limits(values))


def build_stage_lines(
    scope: Scope, figures: Figures, kpis: Sequence[OwnedKPI], staff_id: int | None
) -> tuple[StageLine, ...]:
    """The stages of the funnel in the scope's week, the widest first, for that reader. No query."""
    is_running = scope.week.is_running(scope.today)
    lines: list[StageLine] = []
    before: OwnedKPI | None = None
    for place, kpi in enumerate(kpis, start=1):
        line = _line(scope, figures, kpi, staff_id)
        rate = judgement = rate_change = base = None
        if before is not None:
            base = figures.value(before, scope.week)
            rate = step_rate(line["value"], base)
        if before is not None and not is_running:
            bases, numbers = figures.column(before, scope.before), figures.column(kpi, scope.before)
            judgement = judge(line["value"], base, list(zip(numbers, bases, strict=True)))
            rate_change = change(rate, step_rate(numbers[-1], bases[-1]))
        lines.append(
            StageLine(
                **line,
                place=place,
                previous_name=before.name if before else None,
                of_previous=rate,
                of_first=step_rate(line["value"], lines[0].value) if lines else None,
                rate_change=rate_change,
                judgement=judgement,
            )
        )
        before = kpi
    return tuple(lines)
