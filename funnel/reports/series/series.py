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
from funnel.domain.usual import Reading, WeekOutcome, read, verdicts
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice

T = TypeVar("T")

# The month of a week is that of its Thursday, as ISO 8601 does for years.
THURSDAY = 3
# The most readings per KPI on a board or scorecard; a history has more.
FEW = 20


class KPIRow(NamedTuple):
    """A KPI as in one lineup. `source` and `divisor` are ids, `window` is in weeks."""

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
        """Ids of the KPIs it is computed from."""
        return tuple(kpi for kpi in (self.source or self.id, self.divisor) if kpi is not None)

    @property
    def is_calculated(self) -> bool:
        return self.source is not None

    def calculate(self, parts: Sequence[Sequence[Decimal | None]]) -> list[Decimal | None]:
        if self.window is not None:
            return list(moving_total(parts[0], self.window))
        pairs = zip(*parts, strict=True)
        return [ratio(k, n, as_percent=self.as_percent) for k, n in pairs]

    @property
    def higher_is_better(self) -> bool:
        return self.direction == KPI.Direction.HIGHER

    @property
    def as_percent(self) -> bool:
        return self.unit == KPI.Unit.PERCENT


class OwnershipPeriod(NamedTuple):
    """Both days inclusive."""

    kpi_id: int
    starts_on: date
    ends_on: date | None
    staff_id: int
    name: str


class BaselineRow(NamedTuple):
    """`end` is the first week without it."""

    start: Week
    end: Week | None


class Short(NamedTuple):
    days_open: int
    reason: str

    @property
    def sentence(self) -> str:
        days = {0: "closed", 1: "1 day open"}.get(self.days_open, f"{self.days_open} days open")
        return f"short week: {self.reason}, {days}"


class Remark(NamedTuple):
    """`seen` is the value at the meeting, if corrected since."""

    note: str = ""
    is_corrected: bool = False
    seen: Decimal | None = None


NO_REMARK = Remark()


def in_force(changes: Sequence[tuple[Week, T]], week: Week) -> T | None:
    """Value by first week, in order; None before the first."""
    found = None
    for begins, value in changes:
        if begins > week:
            break
        found = value
    return found


@dataclass(frozen=True, slots=True)
class Series:
    """One practice's numbers. `columns` have a value per week, None where missing; `others` are
    KPIs outside `lineups`; `earliest` only for one KPI.
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
    owners: Mapping[int, Sequence[OwnershipPeriod]]
    short: Mapping[Week, Short]
    closed: Mapping[Week, date]
    remarks: Mapping[tuple[int, Week], Remark]
    earliest: Mapping[int, Week]
    archived: Mapping[int, date]
    _readings: dict[tuple[int, int], tuple[Reading, ...]] = field(default_factory=dict)

    # Structure

    def lineup(self, week: Week) -> tuple[KPIRow, ...]:
        return in_force(self.lineups, week) or ()

    def stages(self, week: Week) -> tuple[KPIRow, ...]:
        return tuple(kpi for kpi in self.lineup(week) if kpi.is_stage)

    def is_reviewed(self, kpi: int, week: Week) -> bool:
        """Whether the KPI is in the lineup or has a number."""
        return self.value(kpi, week) is not None or any(it.id == kpi for it in self.lineup(week))

    def review_day(self, week: Week) -> date:
        """The day that decides owners: the next week's last, or closing or today if earlier."""
        day = week.review_day(self.today)
        closed = self.closed.get(week)
        return min(day, closed) if closed is not None and closed > week.sunday else day

    def owner(self, kpi: KPIRow, day: date) -> OwnershipPeriod | None:
        """`day` must be today or a requested review day."""
        for owner in self.owners.get(kpi.id, ()):
            if owner.starts_on <= day and (owner.ends_on is None or owner.ends_on >= day):
                return owner
        return None

    # Numbers

    def at(self, week: Week) -> int:
        """May be out of range."""
        return (week.monday - self.first.monday).days // 7

    def value(self, kpi: int, week: Week) -> Decimal | None:
        """None when missing or not loaded."""
        column, at = self.columns.get(kpi, ()), self.at(week)
        return column[at] if 0 <= at < len(column) else None

    def column(self, kpi: int | None, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """Weeks must be consecutive."""
        column = self.columns.get(kpi or 0)
        if column is None or not weeks:
            return (None,) * len(weeks)
        first, last = self.at(weeks[0]), self.at(weeks[-1]) + 1
        before = (None,) * min(len(weeks), max(0, -first))
        found = (*before, *column[max(0, first) : max(0, last)])
        return (*found, *(None,) * (len(weeks) - len(found)))

    def full_weeks(self, kpi: int | None, weeks: Sequence[Week]) -> tuple[Decimal | None, ...]:
        """As `column`, None for short weeks."""
        column = self.column(kpi, weeks)
        if not self.short:
            return column
        return tuple([None if w in self.short else v for w, v in zip(weeks, column, strict=True)])

    def average(self, kpi: int | None, weeks: Sequence[Week]) -> Decimal | None:
        return average(self.full_weeks(kpi, weeks))

    def average_before(self, kpi: int, week: Week) -> Decimal | None:
        return self.average(kpi, week.back(WEEKS_BEFORE))

    def remark(self, kpi: int, week: Week) -> Remark:
        return self.remarks.get((kpi, week), NO_REMARK)

    # In force

    def target(self, kpi: int, week: Week) -> Decimal | None:
        return in_force(self.targets.get(kpi, ()), week)

    def targets_of(self, kpi: int, weeks: Iterable[Week]) -> tuple[Decimal | None, ...]:
        return tuple([self.target(kpi, week) for week in weeks])

    def patient_value(self, week: Week) -> Decimal | None:
        return in_force(self.patient_values, week)

    def baseline_start(self, kpi: int, week: Week) -> Week | None:
        """None for the default range."""
        found = None
        for baseline in self.baselines.get(kpi, ()):
            if baseline.start <= week:
                is_over = baseline.end is not None and baseline.end <= week
                found = None if is_over else baseline.start
        return found

    # Verdicts

    def judge(self, kpi: KPIRow, before: KPIRow, week: Week) -> Judgement:
        """A step rate against the previous 26 weeks; short weeks are not judged."""
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
        """Weeks must be consecutive and completed."""
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
        if not self.short:
            return []
        marked = {self.at(week) for week in self.short}
        return [at in marked for at in range(count)]

    def outcomes(self, kpi: KPIRow, weeks: Sequence[Week]) -> tuple[WeekOutcome, ...]:
        return self.outcomes_of(kpi, self.readings(kpi, weeks))

    def outcomes_of(self, kpi: KPIRow, readings: Sequence[Reading]) -> tuple[WeekOutcome, ...]:
        return verdicts(readings, higher_is_better=kpi.higher_is_better)

    def week_at(self, index: int) -> Week:
        return self.first.plus(index)

    @property
    def _last_completed(self) -> Week:
        return Week.reporting(self.today)

    def _baselines(self, kpi: int) -> list[tuple[int, int | None]]:
        """Of those before the columns only the last matters."""
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
    first = monday + THURSDAY
    return tuple([date.fromordinal(day).month for day in range(first, first + 7 * count, 7)])


def _behave(
    values: tuple[Decimal | None, ...],
    monday: int,
    short: tuple[bool, ...],
    baselines: tuple[tuple[int, int | None], ...],
    first: int,
) -> tuple[Reading, ...]:
    months = _months(monday, len(values))
    return read(values, months=months, short=short, baselines=baselines, first=first)


# Cached by value: after a write, pages are rendered again with mostly the same numbers. A reading
# takes about 300 bytes, the values of 250 weeks 2 KB: at most about 10 MB here, and as much for
# ten-year histories.
_few = lru_cache(maxsize=1024)(_behave)
_many = lru_cache(maxsize=64)(_behave)
