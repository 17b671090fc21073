from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from funnel.domain.conversion import WEEKS_BEFORE, Judgement, step_rate
from funnel.domain.status import Difference, Status, change
from funnel.domain.variation import ChartRule
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.reports.board import headline
from funnel.reports.series.series import KPIRow, Series

# Verdicts that require attention.
LOUD = frozenset({Verdict.WORSE, Verdict.DIFFERENT, None})


@dataclass(frozen=True, slots=True)
class KPILine:
    """One KPI's week, None where missing; rates are fractions.

    `average` is of `before`, the previous 13 weeks; `since` starts the current run; `is_news` when
    one starts or ends. `seen_value` is that at first closing.
    """

    slug: str
    name: str
    definition: str
    unit: str
    role: str
    owner: str | None
    # Not in snapshots: an id has no meaning there.
    owner_id: int | None = field(compare=False, repr=False)
    value: Decimal | None
    target: Decimal | None
    status: Status
    last_week: Decimal | None
    change: Difference | None
    average: Decimal | None
    before: tuple[Decimal | None, ...]
    signals: tuple[ChartRule, ...]
    verdict: Verdict | None
    low: float | None
    high: float | None
    since: Week | None
    is_news: bool
    has_ended: bool
    news: str
    is_calculated: bool
    is_corrected: bool
    seen_value: Decimal | None

    @property
    def is_missing(self) -> bool:
        return self.value is None

    @property
    def is_unowned(self) -> bool:
        return self.owner is None

    @property
    def has_step(self) -> bool:
        return False

    @property
    def signal_sentence(self) -> str:
        """Old snapshots have signals but no verdicts."""
        return self.news or ("different from usual" if self.signals and not self.verdict else "")

    @property
    def is_loud(self) -> bool:
        return bool(self.signal_sentence) and self.verdict in LOUD


@dataclass(frozen=True, slots=True)
class StageLine(KPILine):
    """Rates are None for the first stage, a missing number or a zero base."""

    place: int
    previous_name: str | None
    of_previous: float | None
    of_first: float | None
    rate_change: Difference | None
    judgement: Judgement | None

    @property
    def has_step(self) -> bool:
        return self.of_previous is not None or self.usual_rate is not None

    @property
    def usual_rate(self) -> float | None:
        """Pooled over the previous 26 weeks."""
        return self.judgement.usual_rate if self.judgement else None

    @property
    def is_step_worse(self) -> bool:
        return self.judgement is not None and self.judgement.verdict in LOUD

    @property
    def is_above_all(self) -> bool:
        return self.of_previous is not None and self.of_previous > 1

    @property
    def stage_verdict(self) -> Verdict | None:
        """On the rate; for the first stage, on the number."""
        return self.judgement.verdict if self.judgement else self.verdict


def verdict_on(series: Series, week: Week, place: int) -> Verdict:
    """Return the `stage_verdict` of the stage at `place` (from 1)."""
    stages = series.stages(week)
    if place > 1:
        return series.judge(stages[place - 1], stages[place - 2], week).verdict
    (outcome,) = series.outcomes(stages[0], (week,))
    return outcome.verdict


def _line(series: Series, week: Week, kpi: KPIRow, *, with_verdict: bool) -> dict[str, Any]:
    earlier = week.back(WEEKS_BEFORE)
    value = series.value(kpi.id, week)
    target = series.target(kpi.id, week)
    last_week = series.value(kpi.id, week.previous)
    is_running = week.is_running(series.today)
    owner = series.owner(kpi, series.review_day(week))
    remark = series.remark(kpi.id, week)
    return {
        "slug": kpi.slug,
        "name": kpi.name,
        "definition": kpi.definition,
        "unit": kpi.unit,
        "role": kpi.role,
        "owner": owner.name if owner else None,
        "owner_id": owner.staff_id if owner else None,
        "value": value,
        "target": target,
        "status": Status.of(
            value, target, higher_is_better=kpi.higher_is_better, in_progress=is_running
        ),
        "last_week": last_week,
        "change": None if is_running else change(value, last_week),
        "average": series.average(kpi.id, earlier),
        "before": series.column(kpi.id, earlier),
        "is_calculated": kpi.is_calculated,
        "is_corrected": remark.is_corrected,
        "seen_value": remark.seen,
        **_verdict(series, week, kpi, is_known=with_verdict and not is_running),
    }


def _verdict(series: Series, week: Week, kpi: KPIRow, *, is_known: bool) -> dict[str, Any]:
    if not is_known:
        return {
            "signals": (),
            "verdict": None,
            "low": None,
            "high": None,
            "since": None,
            "is_news": False,
            "has_ended": False,
            "news": "",
        }
    (reading,), (outcome,) = series.readings(kpi, (week,)), series.outcomes(kpi, (week,))
    limits = reading.limits
    since = None if outcome.since is None else series.week_at(outcome.since)
    return {
        "signals": tuple([signal.rule for signal in reading.signals]),
        "verdict": outcome.verdict,
        "low": limits.lower if limits else None,
        "high": limits.upper if limits else None,
        "since": since,
        "is_news": outcome.is_news,
        "has_ended": outcome.has_ended,
        "news": headline.news(outcome.verdict, since, week, has_ended=outcome.has_ended)
        if outcome.is_news
        else "",
    }


def build_stage_lines(
    series: Series, week: Week, *, with_verdicts: bool = True
) -> tuple[StageLine, ...]:
    """Stages, widest first."""
    is_running = week.is_running(series.today)
    lines: list[StageLine] = []
    before: KPIRow | None = None
    for place, kpi in enumerate(series.stages(week), start=1):
        line = _line(series, week, kpi, with_verdict=with_verdicts)
        rate = judgement = rate_change = None
        if before is not None:
            rate = step_rate(line["value"], series.value(before.id, week))
        if before is not None and not is_running:
            judgement = series.judge(kpi, before, week) if with_verdicts else None
            last = step_rate(line["last_week"], series.value(before.id, week.previous))
            rate_change = change(rate, last)
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


def build_other_lines(
    series: Series, week: Week, *, with_verdicts: bool = True
) -> tuple[KPILine, ...]:
    """KPIs outside the funnel."""
    others: Sequence[KPIRow] = [kpi for kpi in series.lineup(week) if not kpi.is_stage]
    return tuple(KPILine(**_line(series, week, kpi, with_verdict=with_verdicts)) for kpi in others)
