"""How KPIs behave over time: the limits in force each week, and the signals. The same for the
board, the scorecard and a KPI's own page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from funnel.domain.numbers import Number
from funnel.domain.variation import Limits, Rule, limits, marks, signals
from funnel.domain.weeks import Week
from funnel.models import Baseline


class Start(NamedTuple):
    """Where a baseline begins, None for a KPI's first number; its limits once they are frozen and
    stored, None before."""

    week: Week | None
    frozen: Limits | None

    def reaches(self, first: Week) -> bool:
        """Whether values from that week on are enough to tell its limits."""
        return self.frozen is not None or (self.week is not None and self.week >= first)


FIRST = Start(None, None)


@dataclass(frozen=True, slots=True)
class Segment:
    """The weeks of one baseline, as indexes: from `first` up to, not including, `end`."""

    start: Start
    first: int
    end: int
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Of each week: the limits in force, None with too few numbers; the rules whose window covers
    it (`marks`); and those whose window it completes (`fired`), in the order of Rule."""

    segments: tuple[Segment, ...]
    limits: tuple[Limits | None, ...]
    marks: tuple[frozenset[Rule], ...]
    fired: tuple[tuple[Rule, ...], ...]


def load_starts(kpi_ids: Iterable[int]) -> dict[int, tuple[Start, ...]]:
    """The baselines of those KPIs in order, nothing for one whose first is not frozen and which
    has no other. One query."""
    found: dict[int, list[Start]] = defaultdict(list)
    for row in Baseline.objects.filter(kpi__in=list(kpi_ids)):
        found[row.kpi_id].append(start_of(row))
    return {kpi: tuple(starts) for kpi, starts in found.items()}


def start_of(row: Baseline) -> Start:
    """The stored baseline as arithmetic takes it. No query."""
    frozen = None
    if row.mean is not None and row.mean_range is not None:
        frozen = Limits.frozen(row.mean, row.mean_range)
    return Start(Week(row.from_week) if row.from_week else None, frozen)


def behave(
    weeks: Sequence[Week], values: Sequence[Number | None], starts: Sequence[Start] = ()
) -> Behaviour:
    """The behaviour of a KPI over completed weeks, one after the other, None where missing.

    `starts` are its baselines in order. A run does not cross from one into the next. The weeks
    reach back to the start of a baseline that is not frozen, or its limits are told from too few.
    """
    if not weeks:
        return Behaviour((), (), (), ())
    segments = []
    marked: list[frozenset[Rule]] = []
    fired: list[list[Rule]] = [[] for _ in weeks]
    for start, first, end in _cut(weeks, starts):
        part = values[first:end]
        found = start.frozen or limits(part)
        segments.append(Segment(start, first, end, found))
        in_part = signals(part, found)
        marked += marks(in_part, len(part))
        for signal in in_part:
            fired[first + signal.last].append(signal.rule)
    in_force = [s.limits for s in segments for _ in range(s.end - s.first)]
    return Behaviour(tuple(segments), tuple(in_force), tuple(marked), tuple(map(tuple, fired)))


def completed(values: Sequence[Number | None], found: Limits | None) -> tuple[Rule, ...]:
    """The rules that the last of those weeks completes, by limits already told: what a board says
    of its week. A frozen baseline needs no more than the last `LONGEST` weeks of it."""
    last = len(values) - 1
    return tuple([signal.rule for signal in signals(values, found) if signal.last == last])


def _cut(weeks: Sequence[Week], starts: Sequence[Start]) -> list[tuple[Start, int, int]]:
    """Each baseline that has some of the weeks, with the indexes of its first and past its last."""
    given = starts if starts and starts[0].week is None else (FIRST, *starts)
    cuts = [0 if s.week is None else _index(weeks, s.week) for s in given] + [len(weeks)]
    return [
        (start, first, end)
        for start, first, end in zip(given, cuts, cuts[1:], strict=False)
        if first < end
    ]


def _index(weeks: Sequence[Week], week: Week) -> int:
    """Where the week stands among consecutive ones, at their ends when it is not among them."""
    return max(0, min(len(weeks), (week.monday - weeks[0].monday).days // 7))
