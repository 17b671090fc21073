"""One KPI over time: the points that its page, the API and the export show alike."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from funnel.domain.usual import Outcome, Reading
from funnel.domain.variation import FULL, Limits, Rule, moving_ranges
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import FIRST_MONDAY, Week
from funnel.models import Practice
from funnel.reports.series.loading import EVERYTHING, FOR_VERDICTS, Ask, load_one
from funnel.reports.series.series import KPIRow, Owner, Series, Short

DEFAULT_SPAN = 26


class Point(NamedTuple):
    """One week of a KPI.

    `value` None: missing. `moved` is how far it is from the counted week before. `limits` are the
    usual range, None with too few weeks before and in a running week, and `verdict` compares the
    two, None in a running week. `rules` are those of the signals the week is part of, `fired` those
    of the signals it completes. `since` is the first week of the run that is not over, `is_news`
    where a run begins or, with `has_ended`, ends. `drifts_since` is the first week of a run that is
    not called worse or better while the season is unknown, `is_drift_high` its side.
    """

    week: Week
    value: Decimal | None
    moved: float | None
    target: Decimal | None
    limits: Limits | None
    is_fixed: bool
    verdict: Verdict | None
    rules: tuple[Rule, ...]
    fired: tuple[Rule, ...]
    since: Week | None
    is_news: bool
    has_ended: bool
    drifts_since: Week | None
    is_drift_high: bool
    short: Short | None
    is_running: bool


class Stretch(NamedTuple):
    """Completed weeks that are shown, both ends included, whose usual range comes from the same
    baseline; `begins` is its first week, None under the default range. `limits` are those of the
    last of the weeks, None with too few numbers; `is_fixed` where a later number changes none."""

    begins: Week | None
    first: Week
    last: Week
    limits: Limits | None
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class OverTime:
    """A KPI in some weeks, oldest first.

    `owner` is today's. `end` is the last week it may have a number of: the running one, or that in
    which it was archived; `last` the latest completed one, None before its first number, and
    `readings` are those of the weeks from the first shown up to it. `begins` is its first week with
    a number, None without any.
    """

    series: Series
    kpi: KPIRow
    owner: Owner | None
    archived_on: date | None
    end: Week
    begins: Week | None
    last: Week | None
    readings: tuple[Reading, ...]
    points: tuple[Point, ...]

    @property
    def latest(self) -> Reading | None:
        """The reading of the latest completed week, whatever weeks are shown."""
        return self.readings[-1] if self.readings else None

    @property
    def limits(self) -> Limits | None:
        """The usual range of the latest completed week."""
        return self.latest.limits if self.latest else None

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The completed weeks shown, by the baseline in force."""
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
    """The practice's KPI of that slug, archived or not, from the first week to the last, as far as
    they are between its first number and the running week; None for no such KPI.

    Without a first week the last `span` that are completed by the last week, None: all. Two
    statements, four for an archived KPI that ended before the weeks asked for.
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
    """The KPI of a series that is loaded up to the running week, between those weeks; None: all
    there are. No query."""
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
    """Whether the usual range is a set baseline's with all its weeks, which no number changes."""
    limits = reading.limits
    return reading.is_on_baseline and limits is not None and limits.count >= FULL


def _first_week(
    end: Week, first: Week | None, last: Week | None, span: int | None, today: date
) -> Week:
    """The first week to show of a KPI whose last one is `end`."""
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
    """The KPI that was asked for by its slug, as in the latest lineup that it is in."""
    for _, lineup in reversed(series.lineups):
        if lineup:
            return lineup[0]
    return series.others[0] if series.others else None


def _begins(series: Series, kpi: KPIRow) -> Week | None:
    """The first week in which the KPI has a number, of a calculated one may have; None: never."""
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
    outcomes: Sequence[Outcome] = series.outcomes_of(kpi, readings)
    judged = {r.week: (r, outcome) for r, outcome in zip(readings, outcomes, strict=True)}
    rules: dict[int, set[Rule]] = defaultdict(set)
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
            rules=tuple([rule for rule in Rule if rule in rules[at]]) if at in rules else (),
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
    """How far each week is from the counted week before, with no missing week between: None for a
    short week, which is left out."""
    if not weeks:
        return []
    # Short weeks in a row before the first are few.
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
