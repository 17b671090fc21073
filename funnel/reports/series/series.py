"""The weekly values of a practice's KPIs, with everything that held in each week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

from funnel.domain.calculated import moving_total, ratio
from funnel.domain.conversion import USUAL_WEEKS as RATES_BEFORE
from funnel.domain.conversion import WEEKS_BEFORE, Judgement, judge
from funnel.domain.periods import average
from funnel.domain.usual import Outcome, Reading, read, verdicts
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice

T = TypeVar("T")

# A Thursday's month is the week's month, as ISO 8601 gives a week its year.
THURSDAY = 3
# Weeks of readings at most that a board or a scorecard needs of one KPI; a history has more.
FEW = 20


class KPIRow(NamedTuple):
    """A KPI as it is in one lineup; the one row type of a KPI beside the model.

    `role` and `group` are names. `source`, `divisor` and `window` belong to a calculated KPI: the
    ids of the KPIs it is calculated from, and how many weeks a moving total adds up.
    """

    id: int
    slug: str
    name: str
    definition: str
    unit: str
    direction: str
    calculation: str
    source: int | None
    divisor: int | None
    window: int | None
    is_archived: bool
    role: str
    is_stage: bool
    group_id: int | None
    group: str | None

    @property
    def parts(self) -> tuple[int, ...]:
        """Ids of the KPIs whose entries give its numbers: its own, unless it is calculated."""
        return tuple(kpi for kpi in (self.source or self.id, self.divisor) if kpi is not None)

    @property
    def is_calculated(self) -> bool:
        """Whether its numbers are calculated and not entered."""
        return self.source is not None

    def calculate(self, parts: Sequence[Sequence[Decimal | None]]) -> list[Decimal | None]:
        """The numbers of a calculated KPI, a value a week, from those of its `parts` in that
        order."""
        if self.window is not None:
            return list(moving_total(parts[0], self.window))
        pairs = zip(*parts, strict=True)
        return [ratio(k, n, as_percent=self.as_percent) for k, n in pairs]

    @property
    def higher_is_better(self) -> bool:
        """Whether reaching the target means being at or above it."""
        return self.direction == KPI.Direction.HIGHER

    @property
    def as_percent(self) -> bool:
        """Whether a ratio is written per hundred."""
        return self.unit == KPI.Unit.PERCENT


class Owner(NamedTuple):
    """Who owns a KPI from one day to another, both included; `ends_on` None while open."""

    kpi_id: int
    starts_on: date
    ends_on: date | None
    staff_id: int
    name: str


class BaselineRow(NamedTuple):
    """A baseline set by a manager: from which week, and from which week on it is ended."""

    start: Week
    end: Week | None


class Short(NamedTuple):
    """The mark of a short week."""

    days_open: int
    reason: str

    @property
    def sentence(self) -> str:
        """In words: "short week: Thanksgiving, 3 days open"."""
        days = {0: "closed", 1: "1 day open"}.get(self.days_open, f"{self.days_open} days open")
        return f"short week: {self.reason}, {days}"


class Remark(NamedTuple):
    """What belongs to an entered number: its note and, where it was corrected after the meeting,
    the value that the team saw (None: it was missing)."""

    note: str = ""
    is_corrected: bool = False
    seen: Decimal | None = None


NO_REMARK = Remark()


def in_force(changes: Sequence[tuple[Week, T]], week: Week) -> T | None:
    """The value in force in the week, of changes ordered by their first week; None before the
    first."""
    found = None
    for begins, value in changes:
        if begins > week:
            break
        found = value
    return found


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one practice from `first` to `last`.

    `lineups` are those in force in the weeks asked for, each from its first week; `others` the
    KPIs of the practice outside all of them. `columns` has, by KPI id, a value for each week
    from `first` on, None where missing. `remarks` are by KPI id and week; `earliest`, by the id of
    an entered KPI, its first week of all with a number, where one KPI was asked for; `archived` the
    day since which a KPI is out of use.
    """

    practice: Practice
    today: date
    first: Week
    last: Week
    lineups: Sequence[tuple[Week, tuple[KPIRow, ...]]]
    others: Sequence[KPIRow]
    columns: Mapping[int, Sequence[Decimal | None]]
    targets: Mapping[int, Sequence[tuple[Week, Decimal]]]
    patient_values: Sequence[tuple[Week, Decimal | None]]
    baselines: Mapping[int, Sequence[BaselineRow]]
    owners: Mapping[int, Sequence[Owner]]
    short: Mapping[Week, Short]
    closed: Mapping[Week, date]
    remarks: Mapping[tuple[int, Week], Remark]
    earliest: Mapping[int, Week]
    archived: Mapping[int, date]
    _readings: dict[tuple[int, int], tuple[Reading, ...]] = field(default_factory=dict)

    # Structure

    def lineup(self, week: Week) -> tuple[KPIRow, ...]:
        """The KPIs reviewed in that week, in order; none before the practice's first lineup."""
        return in_force(self.lineups, week) or ()

    def stages(self, week: Week) -> tuple[KPIRow, ...]:
        """The stages of that week's funnel, the widest first."""
        return tuple(kpi for kpi in self.lineup(week) if kpi.is_stage)

    def is_reviewed(self, kpi: int, week: Week) -> bool:
        """Whether the KPI is in that week's lineup or has a number in it: not before its first
        week, unless it was recorded from before."""
        return self.value(kpi, week) is not None or any(it.id == kpi for it in self.lineup(week))

    def review_day(self, week: Week) -> date:
        """The day whose owners a week shows: the last of the week after it, today while that is
        not over, the day its meeting was closed if that came first."""
        day = week.review_day(self.today)
        closed = self.closed.get(week)
        return min(day, closed) if closed is not None and closed > week.sunday else day

    def owner(self, kpi: KPIRow, day: date) -> Owner | None:
        """Who owns the KPI on that day, which is the review day of a week asked for, or today."""
        for owner in self.owners.get(kpi.id, ()):
            if owner.starts_on <= day and (owner.ends_on is None or owner.ends_on >= day):
                return owner
        return None

    # Numbers

    def at(self, week: Week) -> int:
        """The week's index in the columns; outside of them below 0 or too high."""
        return (week.monday - self.first.monday).days // 7

    def value(self, kpi: int, week: Week) -> Decimal | None:
        """The KPI's number of that week; None when it is missing or was not loaded."""
        column, at = self.columns.get(kpi, ()), self.at(week)
        return column[at] if 0 <= at < len(column) else None

    def column(self, kpi: int | None, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """The KPI's numbers of those consecutive weeks, None where missing."""
        column = self.columns.get(kpi or 0)
        if column is None or not weeks:
            return (None,) * len(weeks)
        first, last = self.at(weeks[0]), self.at(weeks[-1]) + 1
        before = (None,) * min(len(weeks), max(0, -first))
        found = (*before, *column[max(0, first) : max(0, last)])
        return (*found, *(None,) * (len(weeks) - len(found)))

    def full_weeks(self, kpi: int | None, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """As `column`, with None for short weeks too: what averages and usual rates take."""
        column = self.column(kpi, weeks)
        if not self.short:
            return column
        return tuple([None if w in self.short else v for w, v in zip(weeks, column, strict=True)])

    def average(self, kpi: int | None, weeks: Sequence[Week]) -> Decimal | None:
        """The mean of the recorded weeks among those that are not short; None without any."""
        return average(self.full_weeks(kpi, weeks))

    def average_before(self, kpi: int, week: Week) -> Decimal | None:
        """The 13-week average: of the 13 weeks before that week."""
        return self.average(kpi, week.back(WEEKS_BEFORE))

    def remark(self, kpi: int, week: Week) -> Remark:
        """The note and the correction of that number, where they were loaded."""
        return self.remarks.get((kpi, week), NO_REMARK)

    # What held

    def target(self, kpi: int, week: Week) -> Decimal | None:
        """The target in force in that week; None without one."""
        return in_force(self.targets.get(kpi, ()), week)

    def targets_of(self, kpi: int, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        """The target in force in each of those weeks; None without one."""
        return tuple([self.target(kpi, week) for week in weeks])

    def patient_value(self, week: Week) -> Decimal | None:
        """What one acquired patient is worth in that week; None where it has no value."""
        return in_force(self.patient_values, week)

    def baseline_start(self, kpi: int, week: Week) -> Week | None:
        """Where the baseline in force in that week begins; None under the default range."""
        found = None
        for baseline in self.baselines.get(kpi, ()):
            if baseline.start <= week:
                is_over = baseline.end is not None and baseline.end <= week
                found = None if is_over else baseline.start
        return found

    # Verdicts

    def judge(self, kpi: KPIRow, before: KPIRow, week: Week) -> Judgement:
        """The rate from the stage before to the KPI in that week against the 26 weeks before it;
        a short week is not judged."""
        earlier = week.back(RATES_BEFORE)
        numbers, bases = self.full_weeks(kpi.id, earlier), self.full_weeks(before.id, earlier)
        return judge(
            self.value(kpi.id, week),
            self.value(before.id, week),
            list(zip(numbers, bases, strict=True)),
            is_short=week in self.short,
            follows_short=week.previous in self.short,
        )

    def readings(self, kpi: KPIRow, weeks: Sequence[Week]) -> tuple[Reading, ...]:
        """How the number behaves in each of those consecutive completed weeks, one reading a
        week; indexes count from the series' first week."""
        if not weeks:
            return ()
        first, end = self.at(weeks[0]), self.at(weeks[-1]) + 1
        key = kpi.id, first
        known = self._readings.get(key)
        if known is None or len(known) < end - first:
            last = max(weeks[-1], min(self.last, self._last_completed))
            count = self.at(last) + 1
            column = self.columns.get(kpi.id, ())[:count]
            behave = _few if count - first <= FEW else _many
            known = self._readings[key] = behave(
                (*column, *(None,) * (count - len(column))),
                self.first.monday.toordinal(),
                tuple(self._short(count)),
                tuple(self._baselines(kpi.id)),
                first,
            )
        return known[: end - first]

    def _short(self, count: int) -> list[bool]:
        """Of each of the first so many weeks, whether it is short; empty where none is."""
        if not self.short:
            return []
        marked = {self.at(week) for week in self.short}
        return [at in marked for at in range(count)]

    def outcomes(self, kpi: KPIRow, weeks: Sequence[Week]) -> tuple[Outcome, ...]:
        """The verdict on each of those consecutive completed weeks."""
        return self.outcomes_of(kpi, self.readings(kpi, weeks))

    def outcomes_of(self, kpi: KPIRow, readings: Sequence[Reading]) -> tuple[Outcome, ...]:
        """The verdict on each of the KPI's readings."""
        return verdicts(readings, higher_is_better=kpi.higher_is_better)

    def week_at(self, index: int) -> Week:
        """The week of an index of a reading."""
        return self.first.plus(index)

    @property
    def _last_completed(self) -> Week:
        return Week.reporting(self.today)

    def _baselines(self, kpi: int) -> list[tuple[int, int | None]]:
        """As `read` takes them. Of those that begin before the columns only the last counts: it has
        no number before them, and what came earlier is over."""
        found: list[tuple[int, int | None]] = []
        for row in self.baselines.get(kpi, ()):
            start, end = self.at(row.start), None if row.end is None else self.at(row.end)
            if start <= 0:
                found.clear()
            if end is None or end > 0:
                found.append((max(0, start), end))
        return found


@lru_cache(maxsize=64)
def _months(monday: int, count: int) -> tuple[int, ...]:
    """The months of so many weeks from that Monday on, which is a day of the calendar's."""
    first = monday + THURSDAY
    return tuple([date.fromordinal(day).month for day in range(first, first + 7 * count, 7)])


def _behave(
    values: tuple[Decimal | None, ...],
    monday: int,
    short: tuple[bool, ...],
    baselines: tuple[tuple[int, int | None], ...],
    first: int,
) -> tuple[Reading, ...]:
    """The readings of the weeks from index `first` on; `monday` is the ordinal of the first."""
    months = _months(monday, len(values))
    return read(values, months=months, short=short, baselines=baselines, first=first)


# Remembered for the same values: a write to a practice renders its pages again, and most of its
# numbers are those of before. A reading takes about 300 bytes, the values of 250 weeks 2 KB: at
# most some 10 MB, and as much for the histories, of ten years each.
_few = lru_cache(maxsize=1024)(_behave)
_many = lru_cache(maxsize=64)(_behave)
