"""One number's behavior in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from math import ceil, floor

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.usual import LEANING_WEEKS, USUAL_WEEKS, WEEKS_BACK, Reading, Run
from funnel.domain.variation import (
    FEWEST,
    FULL,
    ChartRule,
    Limits,
    Signal,
    TargetOutlook,
    target_standing,
)
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import MONTHS, Week
from funnel.models import KPI
from funnel.reports.series.over_time import OverTime, Point

# Older Mondays are written with their year.
RECENT_WEEKS = 26
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
        return numbers.decimal(v) if self.unit == KPI.Unit.COUNT else self.value(v)

    def between(self, limits: Limits) -> str:
        return f"{self.limit(limits.drawn_lower)} – {self.limit(limits.upper)}"

    def usual(self, limits: Limits) -> str:
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


@dataclass(frozen=True, slots=True)
class Finding:
    """A run of unusual weeks; a drift has no `verdict`. `may_be_normal` if it may become the
    baseline.
    """

    verdict: Verdict | None
    since: Week
    last: Week
    is_high: bool
    is_current: bool
    heading: str
    text: str
    may_be_normal: bool

    @property
    def sentence(self) -> str:
        return f"{self.heading[0].upper()}{self.heading[1:]}{self.text}"

    @property
    def is_quiet(self) -> bool:
        """Good news, or possibly the season."""
        return self.verdict not in {Verdict.WORSE, Verdict.DIFFERENT}


def find(over: OverTime, words: Wording) -> tuple[Finding, ...]:
    """Newest first."""
    finder = _Finder(over, words)
    found = [*finder.runs(), *finder.drifts()]
    return tuple(sorted(found, key=lambda f: (f.last, f.since), reverse=True))


def headline(over: OverTime, findings: Sequence[Finding], words: Wording) -> tuple[str, ...]:
    """The usual range and, unless archived, the latest completed week."""
    latest = over.latest
    if latest is None or over.last is None:
        return (f"{words.name} has no number of a completed week yet.",)
    limits = latest.limits
    usual = f"{words.name}: {words.usual(limits)} a week." if limits else _too_few(over, words)
    if over.archived_on is not None:
        return (usual,)
    current = [finding.sentence for finding in findings if finding.is_current]
    return (usual, *(_latest(over, words, is_alone=not current)), *current)


def target_sentence(
    target: Decimal | None, limits: Limits | None, words: Wording, *, higher_is_better: bool
) -> str:
    """The target against the usual range; "" without one."""
    if target is None:
        return ""
    written = words.value(target)
    standing = target_standing(target, limits, higher_is_better=higher_is_better)
    if standing is None or limits is None:
        return f"The target is {written}."
    if standing is TargetOutlook.SOMETIMES:
        return f"The target {written} is within the usual range: it will be met sometimes."
    side = "is above" if target > limits.mean else "is below"
    if limits.mean_range == 0 and standing is TargetOutlook.SURE:
        side = "is no better than"
    return f"The target {written} {side} the usual range: it {standing.value}."


def later_targets(targets: Sequence[tuple[Week, Decimal]], end: Week, words: Wording) -> list[str]:
    """Targets that start after `end`."""
    return [
        f"From the week of {week.short_label}: {words.value(value)}."
        for week, value in targets
        if week > end
    ]


def default_sentence(over: OverTime) -> str:
    """Basis of the default range."""
    count = _counted(over, since=None)
    if count < FEWEST:
        return f"There is no usual range yet: {count} of the {FEWEST} recorded weeks it needs."
    sentence = f"The usual range of a week comes from the {USUAL_WEEKS} recorded weeks before it"
    return f"{sentence}." if count >= USUAL_WEEKS else f"{sentence}; so far there are {count}."


def baseline_sentence(over: OverTime, start: Week, by: str, reason: str) -> str:
    """Origin and progress of a baseline."""
    who = f" by {by}" if by else ""
    count = min(FULL, _counted(over, since=start))
    takes = f"the {FULL} weeks" if count == FULL else f"{count} of the {FULL} weeks it takes"
    return f"Set from {day_of(start)}{who}: {reason.rstrip(' .')}; from {takes}."


def _counted(over: OverTime, *, since: Week | None) -> int:
    if over.last is None:
        return 0
    weeks = Week.range(since or over.last.plus(1 - WEEKS_BACK), over.last)
    return sum(value is not None for value in over.series.full_weeks(over.kpi.id, weeks))


class _Finder:
    def __init__(self, over: OverTime, words: Wording) -> None:
        self.over = over
        self.words = words
        self.series = over.series
        self.shown = over.points[0].week if over.points else None
        self.readings = {reading.week: reading for reading in over.readings}
        self.values: dict[int, Number | None] = {}

    def runs(self) -> Iterator[Finding]:
        for run, readings in self._grouped([(r.run, r.has_begun, r) for r in self.over.readings]):
            signals = [s for r in readings for s in r.signals if s.is_high == run.is_high]
            verdict = Verdict.of(
                is_high=run.is_high, higher_is_better=self.over.kpi.higher_is_better
            )
            yield self._finding(verdict, run, readings, signals)

    def drifts(self) -> Iterator[Finding]:
        """Without those that overlap a run."""
        for drift, readings in self._grouped([(r.drift, False, r) for r in self.over.readings]):
            if any(r.run is not None and r.run.is_high == drift.is_high for r in readings):
                continue
            signals = [s for r in readings for s in r.drifts if s.is_high == drift.is_high]
            yield self._finding(None, drift, readings, signals)

    def _grouped(
        self, followed: Sequence[tuple[Run | None, bool, Reading]]
    ) -> Iterator[tuple[Run, list[Reading]]]:
        """Each run's weeks, also before the first shown."""
        numbered = []
        number, before = 0, None
        for run, begins, reading in followed:
            if run is None or before is None or run.is_high != before.is_high or begins:
                number += 1
            numbered.append((number, run, reading))
            before = run
        found: list[tuple[Run, list[Reading]]] = []
        for _, group in groupby(numbered, key=lambda one: one[0]):
            members = [(run, reading) for _, run, reading in group if run is not None]
            if members:
                run = members[0][0]
                readings = [reading for _, reading in members]
                found.append((run, [*self._before(run, readings[0]), *readings]))
        for at, (run, readings) in enumerate(found):
            # A later run of the same side may reach back over this one; weeks belong to the later
            # run.
            later = [other.since for other, _ in found[at + 1 :] if other.is_high == run.is_high]
            own = [reading for reading in readings if not later or reading.week < min(later)]
            if own:
                yield run, own

    def _before(self, run: Run, first: Reading) -> Sequence[Reading]:
        if first is not self.over.readings[0] or run.since >= first.week:
            return ()
        weeks = Week.range(self.series.week_at(run.since), self.series.week_at(first.week).previous)
        found = self.series.readings(self.over.kpi, weeks)
        self.readings |= {reading.week: reading for reading in found}
        return found

    def _finding(
        self, verdict: Verdict | None, run: Run, readings: Sequence[Reading], signals: list[Signal]
    ) -> Finding:
        since, last = self.series.week_at(run.since), self.series.week_at(readings[-1].week)
        is_current = readings[-1] is self.over.latest
        side = "higher" if run.is_high else "lower"
        because = self._because(signals, run, is_one_week=since == last)
        if verdict is None:
            heading = f"{side} than before"
            text = "; with less than two years of numbers this can be the season."
        else:
            heading = verdict.value
            text = f": {because}." if because else "."
        if not is_current:
            heading = f"{heading}, {span_of(since, last)}"
        elif since == last:
            heading = f"{heading} in the week of {since.short_label}"
        else:
            heading = f"{heading} since {self._day(since)}"
        return Finding(
            verdict=verdict,
            since=since,
            last=last,
            is_high=run.is_high,
            is_current=is_current,
            heading=heading,
            text=text,
            may_be_normal=is_current
            and verdict is not None
            and readings[-1].week - run.since + 1 >= LEANING_WEEKS
            and self.series.baseline_start(self.over.kpi.id, last) != since,
        )

    def _day(self, week: Week) -> str:
        latest = self.over.last or week
        return week.short_label if week >= latest.plus(-RECENT_WEEKS) else day_of(week)

    def _because(self, signals: Sequence[Signal], run: Run, *, is_one_week: bool) -> str:
        parts = []
        by_rule = {rule: [s for s in signals if s.rule is rule] for rule in ChartRule}
        if by_rule[ChartRule.SHIFTED]:
            parts.append(self._shifted(by_rule[ChartRule.SHIFTED], run))
        elif by_rule[ChartRule.LEANING]:
            parts.append(self._leaning(by_rule[ChartRule.LEANING][0], is_high=run.is_high))
        if by_rule[ChartRule.OUTSIDE]:
            found = by_rule[ChartRule.OUTSIDE]
            parts.append(self._outside(found, is_high=run.is_high, is_one_week=is_one_week))
        return "; ".join(parts)

    def _shifted(self, signals: Sequence[Signal], run: Run) -> str:
        side = "above" if run.is_high else "below"
        weeks = [week for week in _longest(signals) if week >= run.since]
        base = self._base(signals[0])
        count = f"{len(weeks)} weeks in a row"
        if base is None or self._is_seasonal(signals[0]):
            return f"{count} {side} what is usual at that time of the year"
        values = [self._value(week) for week in weeks]
        if all(v is not None and (float(v) > base.mean) == run.is_high for v in values):
            return f"{count} {side} the mean of {self.words.limit(base.mean)}"
        return f"{count} {side} the mean"

    def _leaning(self, signal: Signal, *, is_high: bool) -> str:
        side = "above" if is_high else "below"
        count = f"{len(signal.weeks)} of {LEANING_WEEKS} weeks in a row well {side}"
        base = self._base(signal)
        if base is None or self._is_seasonal(signal):
            return f"{count} what is usual at that time of the year"
        return f"{count} the mean of {self.words.limit(base.mean)}"

    def _outside(self, signals: Sequence[Signal], *, is_high: bool, is_one_week: bool) -> str:
        if len(signals) > 1:
            side = "above" if is_high else "below"
            return f"{len(signals)} weeks {side} the usual range"
        (at,) = signals[0].weeks
        limits = self._limits(at)
        usual = f", {self.words.usual(limits)}" if limits else ""
        value = self.words.value(self._value(at))
        if is_one_week:
            return f"{value}{usual}"
        return f"{value} in the week of {self._day(self.series.week_at(at))}{usual}"

    def _base(self, signal: Signal) -> Limits | None:
        completes = self.readings[signal.last]
        return self._limits(signal.last if completes.is_on_baseline else signal.first)

    def _is_seasonal(self, signal: Signal) -> bool:
        return self.readings[signal.last].is_season_known

    def _limits(self, at: int) -> Limits | None:
        if at not in self.readings:
            week = self.series.week_at(at)
            (self.readings[at],) = self.series.readings(self.over.kpi, (week,))
        return self.readings[at].limits

    def _value(self, at: int) -> Decimal | None:
        return self.series.value(self.over.kpi.id, self.series.week_at(at))


def _longest(signals: Sequence[Signal]) -> list[int]:
    blocks: list[list[int]] = []
    for signal in signals:
        if blocks and signal.first <= blocks[-1][-1]:
            blocks[-1] += [week for week in signal.weeks if week > blocks[-1][-1]]
        else:
            blocks.append(list(signal.weeks))
    return max(blocks, key=len)


def _too_few(over: OverTime, words: Wording) -> str:
    start = over.series.baseline_start(over.kpi.id, over.last) if over.last else None
    count = _counted(over, since=start)
    if count >= FEWEST:
        return f"{words.name}: the usual range needs consecutive weeks, and there are none."
    begun = "since the baseline started" if start else "so far"
    are = {0: "is none", 1: "is 1"}.get(count, f"are {count}")
    return f"{words.name}: the usual range needs {FEWEST} recorded weeks, and {begun} there {are}."


def _latest(over: OverTime, words: Wording, *, is_alone: bool) -> Iterator[str]:
    week = over.last
    if week is None:
        return
    value = over.series.value(over.kpi.id, week)
    if short := over.series.short.get(week):
        number = f"Its {words.value(value)} gets no verdict."
        if value is None:
            number = "It has no number."
        yield f"The week of {week.short_label} is a {short.sentence}. {number}"
    elif value is None:
        yield f"The number of the week of {week.short_label} is missing."
    elif is_alone:
        again = " again" if over.latest and over.latest.has_ended else ""
        usual = f" was as usual{again}" if over.limits else ""
        yield f"The week of {week.short_label}{usual}: {words.value(value)}."


# In order of precedence: the table shows only the first.
RULE_WORDS: Mapping[ChartRule, str] = {
    ChartRule.OUTSIDE: "beyond the usual range",
    ChartRule.SHIFTED: "8 weeks in a row on one side of the mean",
    ChartRule.LEANING: "3 of 4 weeks well off the mean",
}


def verdict_words(point: Point) -> str:
    """Empty for a running or missing week."""
    if point.short is not None:
        return point.short.sentence
    if point.verdict is None or point.value is None:
        return ""
    if point.has_ended:
        return f"{point.verdict.value} again"
    if point.fired:
        why = next(words for rule, words in RULE_WORDS.items() if rule in point.fired)
        return f"{point.verdict.value}: {why}"
    if point.drifts_since is not None and point.since is None:
        return f"{'higher' if point.is_drift_high else 'lower'} than before"
    return point.verdict.value
