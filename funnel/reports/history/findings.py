"""How one number behaves, in sentences: what is usual, what is not, and how the target stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.variation import (
    FEWEST,
    FULL,
    Limits,
    Rule,
    Signal,
    Standing,
    signals,
    target_standing,
)
from funnel.domain.weeks import MONTHS, Week
from funnel.models import KPI
from funnel.reports.series.behaviour import Segment

# So many steps of one does what is usual go by; a hundredth of a percent says nothing.
STEPS: Mapping[str, int] = {KPI.Unit.COUNT: 1, KPI.Unit.PERCENT: 10}
# In words: as far as this off a limit is on it.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Finding:
    """Weeks, as indexes, that meet a rule one after the other on the same side, in a sentence.

    `begins` is the first week of a shift that a new baseline would make the usual; None of any
    other finding, and of a shift that its own baseline begins with or a later one has followed.
    """

    rule: Rule
    first: int
    last: int
    is_high: bool
    weeks: str
    text: str
    begins: Week | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Says the values of one KPI."""

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
        """The least and the most that are inside the limits: "usually between 20 and 41 a week"."""
        step = STEPS.get(self.unit, 100)
        low = ceil(limits.drawn_lower * step - _ROUNDING)
        high = floor(limits.upper * step + _ROUNDING)
        if low > high:
            return f"{self.name}: about {self.limit(limits.mean)} a week."
        least, most = (self.value(Decimal(v) / step) for v in (low, high))
        if low == high:
            return f"{self.name}: always {least} a week."
        return f"{self.name}: usually between {least} and {most} a week."


def day_of(week: Week) -> str:
    """The Monday with its year, as in "Nov 16, 2026"."""
    return f"{MONTHS[week.monday.month - 1]} {week.monday.day}, {week.monday.year}"


def find(
    weeks: Sequence[Week],
    values: Sequence[Decimal | None],
    segments: Sequence[Segment],
    say: Teller,
) -> list[Finding]:
    """Every signal, those that follow one another on the same side as one; the newest first."""
    found = []
    for segment in segments:
        if segment.limits is None:
            continue
        part = values[segment.first : segment.end]
        for signal in _merged(signals(part, segment.limits)):
            first, last = segment.first + signal.first, segment.first + signal.last
            is_news = segment is segments[-1] and first > segment.first
            found.append(
                Finding(
                    rule=signal.rule,
                    first=first,
                    last=last,
                    is_high=signal.is_high,
                    weeks=_span(weeks[first], weeks[last]),
                    text=_sentence(signal, part, segment.limits, say),
                    begins=weeks[first] if is_news and signal.rule is Rule.SHIFTED else None,
                )
            )
    return sorted(found, key=lambda f: (f.last, f.first), reverse=True)


def headline(
    values: Sequence[Decimal | None],
    week: Week | None,
    segments: Sequence[Segment],
    findings: Sequence[Finding],
    say: Teller,
) -> tuple[str, ...]:
    """What is usual, and how the last of the completed weeks was; `week` None: of no interest."""
    if not segments:
        return (f"{say.name} has no number of a week that is over yet.",)
    now = segments[-1]
    sentences = [say.usual(now.limits) if now.limits else _too_few(values, now, say)]
    if week is not None:
        sentences += _latest(values, week, now.limits, findings, say)
    return tuple(sentences)


def target_sentence(
    target: Decimal | None, limits: Limits | None, say: Teller, *, higher_is_better: bool
) -> str:
    """How the target stands against what is usual; "" without a target or without limits."""
    standing = target_standing(target, limits, higher_is_better=higher_is_better)
    if standing is None or target is None or limits is None:
        return ""
    said = say.value(target)
    if standing is Standing.SOMETIMES:
        return f"The target {said} lies inside what is usual: it will be met sometimes."
    side = "lies above" if target > limits.mean else "lies below"
    if limits.mean_range == 0 and standing is Standing.SURE:
        side = "is no better than"
    return f"The target {said} {side} what is usual: it {standing.value}."


def baseline_sentence(
    weeks: Sequence[Week], values: Sequence[Decimal | None], segments: Sequence[Segment]
) -> str:
    """From what the limits are told, and whether more numbers move them."""
    if not segments:
        return "None yet: no week is over."
    now = segments[-1]
    at = [n for n in range(now.first, now.end) if values[n] is not None]
    if now.limits is None:
        return f"None yet: {len(at)} of the {FEWEST} numbers it takes."
    first = day_of(weeks[at[0]])
    if not now.limits.is_frozen:
        return f"Provisional: told from {now.limits.count} weeks, from the week of {first} on."
    last = day_of(weeks[at[:FULL][-1]])
    return (
        f"Frozen since the week of {last}: told from the {FULL} weeks from the week of {first} on."
    )


def _span(first: Week, last: Week) -> str:
    """From the first day to the last, as in "Oct 26 – Nov 22, 2026"."""
    if first == last:
        return first.label
    begins = first.short_label if first.monday.year == last.sunday.year else day_of(first)
    day = last.sunday
    return f"{begins} – {MONTHS[day.month - 1]} {day.day}, {day.year}"


def _merged(found: Sequence[Signal]) -> Iterator[Signal]:
    """Signals of a rule that follow one another or overlap on the same side, as one."""
    open_ones: dict[tuple[Rule, bool], Signal] = {}
    for signal in found:
        key = signal.rule, signal.is_high
        before = open_ones.get(key)
        if before is not None and signal.first <= before.last + 1:
            signal = Signal(signal.rule, before.first, signal.last, signal.is_high)
        elif before is not None:
            yield before
        open_ones[key] = signal
    yield from open_ones.values()


def _sentence(signal: Signal, values: Sequence[Decimal | None], limits: Limits, say: Teller) -> str:
    count = signal.last - signal.first + 1
    limit = limits.upper if signal.is_high else limits.drawn_lower
    side, bound = ("above", "upper") if signal.is_high else ("below", "lower")
    if signal.rule is Rule.OUTSIDE:
        beyond = f"{side} the {bound} limit of {say.limit(limit)}"
        if count == 1:
            return f"{say.value(values[signal.first])}, {beyond}."
        within = [v for v in values[signal.first : signal.last + 1] if v is not None]
        return f"{say.value(min(within))} to {say.value(max(within))}, all {beyond}."
    mean = f"the mean of {say.limit(limits.mean)}"
    if signal.rule is Rule.LEANING:
        return f"Mostly nearer the {bound} limit of {say.limit(limit)} than {mean}."
    return f"{count} weeks in a row {side} {mean}."


def _too_few(values: Sequence[Decimal | None], now: Segment, say: Teller) -> str:
    count = sum(value is not None for value in values[now.first : now.end])
    start = "since the new baseline began" if now.start.week else "so far"
    if count >= FEWEST:
        return f"{say.name}: what is usual takes numbers of neighbouring weeks, and there are none."
    return f"{say.name}: what is usual takes {FEWEST} numbers, and {start} there {_are(count)}."


def _are(count: int) -> str:
    return {0: "is none", 1: "is 1"}.get(count, f"are {count}")


def _latest(
    values: Sequence[Decimal | None],
    week: Week,
    limits: Limits | None,
    findings: Sequence[Finding],
    say: Teller,
) -> Iterator[str]:
    last = len(values) - 1
    value = values[last]
    if value is None:
        yield f"The number of the week of {week.short_label} is missing."
        return
    now = {finding.rule: finding for finding in findings if finding.last == last}
    if outside := now.get(Rule.OUTSIDE):
        side = "above the upper" if outside.is_high else "below the lower"
        yield (f"The week of {week.short_label} was outside: {say.value(value)}, {side} limit.")
    if limits is not None and (shifted := now.get(Rule.SHIFTED)):
        side = "above" if shifted.is_high else "below"
        count = shifted.last - shifted.first + 1
        yield f"It has shifted: {count} weeks in a row {side} the mean of {say.limit(limits.mean)}."
    elif leaning := now.get(Rule.LEANING):
        bound = "upper" if leaning.is_high else "lower"
        yield f"It is leaning towards the {bound} limit."
    if not now:
        as_usual = " was as usual" if limits else ""
        yield f"The week of {week.short_label}{as_usual}: {say.value(value)}."
