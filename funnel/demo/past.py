"""Backdate a practice: actions use the present time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from funnel.demo.plots import PlannedCorrection, Plot
from funnel.domain.weeks import Week
from funnel.models import (
    KPI,
    Lineup,
    Ownership,
    PatientValue,
    Place,
    Practice,
    ShortWeek,
    Staff,
    StandIn,
    Target,
    User,
    WeeklyEntry,
)

ONE_DAY = timedelta(days=1)
UNOWNED = "No one owns this number; I counted it from the calendar."


@dataclass(frozen=True, slots=True)
class Figure:
    kpi: KPI
    week: Week
    ago: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Duties:
    ownerships: Sequence[Ownership]
    stand_ins: Sequence[StandIn]
    manager: Staff

    @classmethod
    def of(cls, practice: Practice, manager: Staff) -> "Duties":
        """Two queries."""
        ownerships = Ownership.objects.filter(kpi__practice=practice).select_related("staff__user")
        stand_ins = StandIn.objects.filter(kpi__practice=practice).select_related("staff__user")
        return cls(list(ownerships), list(stand_ins), manager)

    def on(self, kpi: KPI, day: date) -> tuple[Staff | None, Staff]:
        """(owner, who entered the number)."""
        owner = next((o.staff for o in self.ownerships if _covers(o, kpi, day)), None)
        other = next((s.staff for s in self.stand_ins if _covers(s, kpi, day)), None)
        return owner, other or owner or self.manager


def enter(
    practice: Practice,
    plot: Plot,
    duties: Duties,
    figures: Iterable[Figure],
    *,
    today: date,
    rng: Random,
) -> int:
    """Dated the Monday after each week. Five queries."""
    notes = {(kpi, ago): note for kpi, ago, note in plot.notes}
    wrong = {(c.kpi, c.ago): c for c in plot.corrections}
    entries = []
    corrected = []
    for figure in figures:
        key = (figure.kpi.slug, figure.ago)
        day = min(figure.week.next.monday, today - ONE_DAY)
        entry = _entry(practice, figure, duties, _at(practice, day, rng), notes.get(key, ""))
        if correction := wrong.get(key):
            entry.value += correction.off
            corrected.append((entry, correction))
        entries.append(entry)
    bulk_create_with_history(entries, WeeklyEntry, batch_size=500)
    for entry, correction in corrected:
        _correct(entry, correction, duties)
    changed = ["value", "note", "reason", "version", "entered_at", "entered_by", "entered_for"]
    bulk_update_with_history([entry for entry, _ in corrected], WeeklyEntry, changed)
    return len(entries)


def backdate(practice: Practice, people: Mapping[str, Staff], left: Mapping[str, date]) -> None:
    began = _morning(practice, practice.began_on)
    Practice.history.filter(id=practice.pk).update(history_date=began)
    KPI.history.filter(practice=practice).update(history_date=began)
    Lineup.objects.filter(practice=practice).update(set_at=began)
    Place.history.filter(lineup__practice=practice).update(history_date=began)
    hired = Staff.history.filter(practice=practice)
    hired.update(history_date=began)
    for account, day in left.items():
        hired.filter(id=people[account].pk, is_active=False).update(
            history_date=_morning(practice, day)
        )
    User.objects.filter(places__practice=practice, joined_at__gt=began).update(joined_at=began)
    for model, way, stamp, day_of in (
        (Ownership, "kpi__practice", "assigned_at", _assigned_on),
        (StandIn, "kpi__practice", "named_at", lambda s: s.starts_on),
        (Target, "kpi__practice", "set_at", lambda t: t.from_week),
        (PatientValue, "practice", "set_at", lambda v: v.from_week),
        (ShortWeek, "practice", "marked_at", lambda w: w.week),
    ):
        _backdate({way: practice}, model, stamp, day_of)


def _entry(
    practice: Practice, figure: Figure, duties: Duties, moment: datetime, note: str
) -> WeeklyEntry:
    owner, enterer = duties.on(figure.kpi, moment.date())
    entry = WeeklyEntry(
        practice=practice,
        kpi=figure.kpi,
        week=figure.week.monday,
        value=figure.value,
        note=note,
        entered_at=moment,
        entered_by=enterer.user,
        entered_for=None if enterer == owner else owner,
        reason="" if owner else UNOWNED,
    )
    _stamp(entry)
    return entry


def _correct(entry: WeeklyEntry, correction: PlannedCorrection, duties: Duties) -> None:
    entry.value -= correction.off
    entry.version += 1
    entry.entered_at += 2 * ONE_DAY
    entry.note = correction.note
    entry.reason = correction.reason
    if correction.reason:
        entry.entered_for = duties.on(entry.kpi, entry.entered_at.date())[0]
        entry.entered_by = duties.manager.user
    _stamp(entry)


def _stamp(entry: WeeklyEntry) -> None:
    entry._history_date = entry.entered_at
    entry._history_user = entry.entered_by
    entry._change_reason = entry.reason or None


def _backdate(
    of_it: Mapping[str, Practice], model: Any, stamp: str, day_of: Callable[[Any], date]
) -> None:
    (practice,) = of_it.values()
    for rows, fields in (
        (model.objects.filter(**of_it), [stamp]),
        (model.history.filter(**of_it), [stamp, "history_date"]),
    ):
        moved = list(rows)
        for row in moved:
            for field in fields:
                setattr(row, field, _morning(practice, day_of(row)))
        rows.bulk_update(moved, fields)


def _assigned_on(ownership: Ownership) -> date:
    return ownership.starts_on if ownership.ends_on is None else ownership.ends_on + ONE_DAY


def _covers(duty: Ownership | StandIn, kpi: KPI, day: date) -> bool:
    is_over = duty.ends_on is not None and duty.ends_on < day
    return duty.kpi_id == kpi.pk and duty.starts_on <= day and not is_over


def _morning(practice: Practice, day: date) -> datetime:
    return datetime.combine(day, time(9), practice.zone)


def _at(practice: Practice, day: date, rng: Random) -> datetime:
    return datetime.combine(day, time(rng.randint(7, 8), rng.randint(0, 59)), practice.zone)
