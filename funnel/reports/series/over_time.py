from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from funnel.domain.usual import Reading, WeekOutcome
from funnel.domain.variation import FULL, ChartRule, Limits, moving_ranges
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import FIRST_MONDAY, Week
from funnel.models import Practice
from funnel.reports.series.loading import EVERYTHING, FOR_VERDICTS, Ask, load_one
from funnel.reports.series.series import KPIRow, OwnershipPeriod, Series, Short

DEFAULT_SPAN = 26


class Point(NamedTuple):
    """One week; `moved` is since the previous counted one, `limits` None while running.

    `rules` are signals of the week, `fired` those it completes; `since` starts the run,
    `drifts_since` one without verdict, as the season is unknown.
    """

    week: Week
    value: Decimal | None
    moved: float | None
    target: Decimal | None
    limits: Limits | None
    is_fixed: bool
    verdict: Verdict | None
    rules: tuple[ChartRule, ...]
    fired: tuple[ChartRule, ...]
    since: Week | None
    is_news: bool
    has_ended: bool
    drifts_since: Week | None
    is_drift_high: bool
    short: Short | None
    is_running: bool


class Stretch(NamedTuple):
    """Weeks with one baseline and its last `limits`, final if `is_fixed`."""

    begins: Week | None
    first: Week
    last: Week
    limits: Limits | None
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class OverTime:
    """Oldest first. `end` is the running or archiving week; `last` the latest completed one, None
    before the first number.
    """

    series: Series
    kpi: KPIRow
    owner: OwnershipPeriod | None
    archived_on: date | None
    end: Week
    begins: Week | None
    last: Week | None
    readings: tuple[Reading, ...]
    points: tuple[Point, ...]

    @property
    def latest(self) -> Reading | None:
        return self.readings[-1] if self.readings else None

    @property
    def limits(self) -> Limits | None:
        return self.latest.limits if self.latest else None

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        return tuple(_stretches(self.series, self.kpi, self.points))


def build_over_time(
    practice: Practice,
    slug: str,
    *,
    today: date,
    first: Week | None = None,
    last: Week | None = None,
    span: int | None = DEFAULT_SPAN,
) -> OverTime | None:
    """Recorded weeks in the range (default: the last `span`), None for an unknown slug. Two
    statements; four if archived before.
    """
    running = Week.running(today)
    begin = _first_week(running, first, last, span, today)
    series = _load(practice, slug, min(begin, running), today)
    kpi = _kpi_of(series)
    if kpi is None:
        return None
    if kpi.id in series.archived:
        earlier = _first_week(Week.of(series.archived[kpi.id]), first, last, span, today)
        if earlier < begin:
            begin, series = earlier, _load(practice, slug, earlier, today)
    return over_time(series, kpi, first=begin if first is None else first, last=last)


def over_time(
    series: Series, kpi: KPIRow, *, first: Week | None = None, last: Week | None = None
) -> OverTime:
    """Return one KPI of a series loaded up to the running week."""
    archived_on = series.archived.get(kpi.id)
    end = Week.of(archived_on or series.today)
    begins = _begins(series, kpi)
    completed = min(end, Week.reporting(series.today))
    shown: tuple[Week, ...] = ()
    judged: tuple[Week, ...] = ()
    if begins is not None:
        start = begins if first is None else max(first, begins)
        shown = Week.range(start, end if last is None else min(last, end))
        judged = Week.range(min(start, completed), completed) if begins <= completed else ()
    readings = series.readings(kpi, judged)
    return OverTime(
        series=series,
        kpi=kpi,
        owner=series.owner(kpi, series.today),
        archived_on=archived_on,
        end=end,
        begins=begins,
        last=completed if judged else None,
        readings=readings,
        points=tuple(_points(series, kpi, shown, readings)),
    )


def is_fixed(reading: Reading) -> bool:
    """Whether the baseline is complete, hence final."""
    limits = reading.limits
    return reading.is_on_baseline and limits is not None and limits.count >= FULL


def _first_week(
    end: Week, first: Week | None, last: Week | None, span: int | None, today: date
) -> Week:
    if first is not None:
        return first
    if span is None:
        return Week(FIRST_MONDAY)
    last = end if last is None else min(last, end)
    completed = last.previous if last.is_running(today) else last
    return completed.plus(1 - span)


def _load(practice: Practice, slug: str, first: Week, today: date) -> Series:
    reach = EVERYTHING if first.monday == FIRST_MONDAY else FOR_VERDICTS
    return load_one(Ask(practice, first, Week.running(today), today), reach=reach, slug=slug)


def _kpi_of(series: Series) -> KPIRow | None:
    for _, lineup in reversed(series.lineups):
        if lineup:
            return lineup[0]
    return series.others[0] if series.others else None


def _begins(series: Series, kpi: KPIRow) -> Week | None:
    """The earliest possible week if calculated."""
    found = [_earliest(series, part) for part in kpi.parts]
    recorded = [week for week in found if week is not None]
    if len(recorded) < len(found):
        return None
    return max(recorded).plus((kpi.window or 1) - 1)


def _earliest(series: Series, part: int) -> Week | None:
    if part in series.earliest:
        return series.earliest[part]
    column = series.columns.get(part, ())
    return next((series.week_at(at) for at, v in enumerate(column) if v is not None), None)


def _points(
    series: Series, kpi: KPIRow, weeks: Sequence[Week], readings: Sequence[Reading]
) -> Iterator[Point]:
    outcomes: Sequence[WeekOutcome] = series.outcomes_of(kpi, readings)
    judged = {r.week: (r, outcome) for r, outcome in zip(readings, outcomes, strict=True)}
    rules: dict[int, set[ChartRule]] = defaultdict(set)
    for reading in readings:
        for signal in reading.signals:
            for part in signal.weeks:
                rules[part].add(signal.rule)
    values = series.column(kpi.id, weeks)
    targets = series.targets_of(kpi.id, weeks)
    for week, value, moved, target in zip(
        weeks, values, _moves(series, kpi, weeks), targets, strict=True
    ):
        at = series.at(week)
        known = judged.get(at)
        short = series.short.get(week)
        if known is None:
            yield Point(
                week, value, None, target, None, False, None, (), (), None, False, False, None,
                False, short, is_running=True,
            )  # fmt: skip
            continue
        reading, outcome = known
        yield Point(
            week=week,
            value=value,
            moved=moved,
            target=target,
            limits=reading.limits,
            is_fixed=is_fixed(reading),
            verdict=outcome.verdict,
            rules=tuple([rule for rule in ChartRule if rule in rules[at]]) if at in rules else (),
            fired=tuple([signal.rule for signal in reading.signals]),
            since=None if outcome.since is None else series.week_at(outcome.since),
            is_news=outcome.is_news,
            has_ended=outcome.has_ended,
            drifts_since=series.week_at(reading.drift.since) if reading.drift else None,
            is_drift_high=reading.drift is not None and reading.drift.is_high,
            short=short,
            is_running=False,
        )


def _moves(series: Series, kpi: KPIRow, weeks: Sequence[Week]) -> list[float | None]:
    """None for short weeks and after a gap."""
    if not weeks:
        return []
    # FULL weeks suffice: there are few short weeks in a row.
    before = [w for w in weeks[0].back(FULL) if w not in series.short][-1:]
    counted = [*before, *(week for week in weeks if week not in series.short)]
    values = [series.value(kpi.id, week) for week in counted]
    moved = dict(zip(counted, moving_ranges(values), strict=True))
    return [moved.get(week) for week in weeks]


def _stretches(series: Series, kpi: KPIRow, points: Sequence[Point]) -> Iterator[Stretch]:
    completed = [point for point in points if not point.is_running]
    for begins, group in groupby(completed, lambda p: series.baseline_start(kpi.id, p.week)):
        found = list(group)
        last = found[-1]
        yield Stretch(begins, found[0].week, last.week, last.limits, last.is_fixed)
