from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from funnel.access import May, Seat, Standing, require
from funnel.actions import entries, lineups, meetings
from funnel.actions.refusals import ConfirmationRequired, VersionConflict
from funnel.actions.writing import writes
from funnel.domain import lineup
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.weeks import Week
from funnel.models import KPI, Meeting, Practice, WeeklyEntry

Key = tuple[int, date]

TWICE = "This number is in the batch twice: send it once."


@dataclass(frozen=True, slots=True)
class Number:
    by: Standing
    week: Week
    value: Decimal
    note: str = ""
    reason: str = ""
    version: int | None = None
    confirmed: bool = False


class NumbersRefused(Exception):
    """`refusals` are by index."""

    def __init__(self, refusals: Mapping[int, Exception]) -> None:
        super().__init__(f"{len(refusals)} of them cannot be saved.")
        self.refusals = refusals


@writes
def record_all(*, by: Seat, numbers: Sequence[Number]) -> list[WeeklyEntry]:
    """Record all or none as `entries.record`, earlier weeks first.

    Raises NumbersRefused. About ten statements, four per 500 numbers, two with webhooks.
    """
    if not numbers:
        return []
    held = meetings.lock_all(by.practice, {number.week for number in numbers})
    present = _Present.of(by, numbers)
    now = timezone.now()
    saved: dict[int, WeeklyEntry] = {}
    news: list[int] = []
    refusals: dict[int, Exception] = {}
    in_order = sorted(enumerate(numbers), key=lambda one: (one[1].week, one[1].by.kpi.pk, one[0]))
    for place, number in in_order:
        meeting = held[number.week.monday]
        try:
            saved[place], is_news = present.take(number, meeting, now)
        except (
            PermissionDenied,
            ValidationError,
            VersionConflict,
            ConfirmationRequired,
        ) as refusal:
            refusals[place] = refusal
        else:
            news += [place] if is_news else []
    if refusals:
        raise NumbersRefused(dict(sorted(refusals.items())))
    written = [saved[place] for place in news]
    new = [entry for entry in written if entry.is_new]
    bulk_create_with_history(new, WeeklyEntry, batch_size=entries.BATCH, default_date=now)
    entries.update_all([entry for entry in written if not entry.is_new], now)
    told = [
        (numbers[place].by, saved[place])
        for place in news
        if held[numbers[place].week.monday].is_listened
    ]
    if told:
        entries.announce(by, told, now)
    return [saved[place] for place in range(len(numbers))]


@dataclass(frozen=True, slots=True)
class _Present:
    practice: Practice
    dated: lineups.Dated
    names: Mapping[int, str]
    stored: Mapping[Key, WeeklyEntry]
    values: dict[int, dict[date, Decimal]]
    short: frozenset[date]
    taken: set[Key]

    @classmethod
    def of(cls, by: Seat, numbers: Sequence[Number]) -> Self:
        """Five queries."""
        kpis = {number.by.kpi for number in numbers}
        weeks = {number.week for number in numbers}
        rows = WeeklyEntry.objects.filter(practice=by.practice, kpi__in=[kpi.pk for kpi in kpis])
        there = rows.filter(week__in=[week.monday for week in weeks])
        dated = lineups.all_dated(by.practice)
        found = (lineup.stage_before(it, kpi.pk) for it in dated.values() for kpi in kpis)
        before = {pk for pk in found if pk is not None}
        around = {kpi.pk for kpi in kpis} | before
        names = dict(KPI.objects.filter(pk__in=before).values_list("pk", "name"))
        near = WeeklyEntry.objects.filter(practice=by.practice, kpi__in=around)
        near = near.between(min(weeks).plus(-WEEKS_BEFORE).monday, max(weeks).monday)
        values: dict[int, dict[date, Decimal]] = defaultdict(dict)
        for kpi, monday, value in near.order_by().values_list("kpi_id", "week", "value"):
            values[kpi][monday] = value
        stored = {(entry.kpi_id, entry.week): entry for entry in there.order_by()}
        short = frozenset(by.practice.short_weeks.values_list("week", flat=True))
        return cls(by.practice, dated, names, stored, values, short, set())

    def take(self, number: Number, meeting: Meeting, now: datetime) -> tuple[WeeklyEntry, bool]:
        """Return the unsaved row and whether it changed."""
        by, week, value = number.by, number.week, number.value
        kpi, key = by.kpi, (by.kpi.pk, week.monday)
        require(May.ENTER_NUMBER, by)
        if sentence := entries.refusal(kpi, self.practice, week, value, today=by.day):
            raise ValidationError({"value": sentence})
        if key in self.taken:
            raise ValidationError({"value": TWICE})
        self.taken.add(key)
        stored = self.stored.get(key)
        note, reason = number.note.strip(), number.reason.strip()
        if not entries.is_news(
            by=by,
            meeting=meeting,
            stored=stored,
            value=value,
            note=note,
            reason=reason,
            version=number.version,
        ):
            return stored, False  # type: ignore[return-value]
        if not number.confirmed and (stored is None or stored.value != value):
            of_kpi = self.values[kpi.pk]
            full = (w.monday for w in week.back(WEEKS_BEFORE) if w.monday not in self.short)
            earlier = [of_kpi[monday] for monday in full if monday in of_kpi]
            before = lineup.stage_before(lineups.in_force(self.dated, week), kpi.pk)
            entries.check_probable(
                by,
                value,
                earlier=earlier,
                stage_before=self.values[before].get(week.monday) if before else None,
                before_name=self.names[before] if before else "",
            )
        entry = stored or WeeklyEntry(practice=self.practice, kpi=kpi, week=week.monday, version=0)
        entry.is_new = stored is None
        if meeting.was_closed:
            entries.mark_correction(entry, value)
        entries.fill(entry, by=by, value=value, note=note, reason=reason, now=now)
        entry.clean_fields(exclude=["practice", "kpi", "entered_by", "entered_for"])
        self.values[kpi.pk][week.monday] = value
        return entry, True
