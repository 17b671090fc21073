from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from funnel.access import Seat, Standing, load_own
from funnel.domain import numbers
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, WeeklyEntry
from funnel.reports.names import called
from funnel.reports.series.loading import Ask, Reach, load_one
from funnel.reports.series.series import KPIRow, Series
from funnel.reports.series.versions import EntryChange, corrections


@dataclass(frozen=True, slots=True)
class Entered:
    """`owner` is None if they entered it."""

    value: Decimal
    note: str
    version: int
    by: str
    owner: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryCard:
    """`average` covers the previous 13 weeks."""

    slug: str
    name: str
    definition: str
    unit: str
    currency: str
    role: str
    owner: str | None
    is_own: bool
    is_mine: bool
    last_week: Decimal | None
    average: Decimal | None
    target: Decimal | None
    entered: Entered | None
    corrections: tuple[EntryChange, ...]

    @property
    def is_missing(self) -> bool:
        return self.entered is None

    @property
    def entered_said(self) -> str:
        return self.say(self.entered.value if self.entered else None)

    @property
    def is_whole(self) -> bool:
        return self.unit == KPI.Unit.COUNT

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        average = self.average
        usual = numbers.decimal(average) if self.is_whole else self.say(average)
        facts = (
            ("last week", self.say(self.last_week), self.last_week),
            ("13-week average", usual, average),
            ("target", self.say(self.target), self.target),
        )
        return tuple((what, text) for what, text, known in facts if known is not None)

    @property
    def noun(self) -> str:
        """Counted thing, or ""."""
        return _small(self.name) if self.is_whole else ""

    def say(self, value: Decimal | None) -> str:
        return numbers.value(value, self.unit, self.currency)


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """`refusal` is why the week accepts no numbers."""

    practice_name: str
    week: Week
    is_running: bool
    is_reporting: bool
    refusal: str
    previous: Week | None
    next: Week | None
    mine: tuple[EntryCard, ...]
    others: tuple[EntryCard, ...]

    @property
    def cards(self) -> tuple[EntryCard, ...]:
        return (*self.mine, *self.others)

    @property
    def next_missing(self) -> EntryCard | None:
        return None if self.refusal else next((c for c in self._owed if c.is_missing), None)

    @property
    def is_done(self) -> bool:
        """Own numbers entered; for managers without any, all."""
        return bool(self._owed) and not any(card.is_missing for card in self._owed)

    @property
    def _owed(self) -> tuple[EntryCard, ...]:
        return self.mine or self.others


@dataclass(frozen=True, slots=True)
class Clash:
    theirs: Entered
    theirs_said: str
    mine_said: str
    by_myself: bool


def entry_week(practice: Practice, today: date) -> Week:
    """The last completed week, or a new practice's first."""
    reporting = Week.reporting(today)
    return reporting if practice.has_begun_by(reporting) else Week.running(today)


def build_entry_sheet(
    seat: Seat,
    week: Week,
    *,
    today: date,
    own: frozenset[str] | None = None,
    posted: str | None = None,
) -> EntrySheet:
    """With today's owners; `own` slugs are loaded if None; `posted` is shown even if archived or
    calculated.

    Three queries, one more without `own` and one for corrections.
    """
    own = load_own(seat, today) if own is None else own
    series = load_one(Ask(seat.practice, week, week, today), reach=Reach(WEEKS_BEFORE))
    entries, changes = _load_entries(seat.practice, week)
    following = week.next
    shown = [kpi for kpi in _reviewed(series, week, posted) if seat.is_manager or kpi.slug in own]
    mine, others = (
        tuple(
            _card(seat, kpi, week, series, entries.get(kpi.id), changes, is_mine=is_mine)
            for kpi in shown
            if (kpi.slug in own) == is_mine
        )
        for is_mine in (True, False)
    )
    return EntrySheet(
        practice_name=seat.practice.name,
        week=week,
        is_running=week.is_running(today),
        is_reporting=week == Week.reporting(today),
        refusal=_refusal(seat, week, today, is_closed=week in series.closed),
        previous=week.previous if seat.practice.has_begun_by(week.previous) else None,
        next=None if following.is_future(today) else following,
        mine=mine,
        others=others,
    )


def build_clash(by: Standing, stored: WeeklyEntry, mine: Decimal) -> Clash:
    """One query."""
    rows = WeeklyEntry.objects.filter(pk=stored.pk)
    theirs = _entered(_named(rows, by.seat.practice, "entered_by").get())
    return Clash(
        theirs=theirs,
        theirs_said=said(by.kpi, by.seat.practice, theirs.value),
        mine_said=said(by.kpi, by.seat.practice, mine),
        by_myself=stored.entered_by_id == by.seat.user.pk,
    )


def said(kpi: KPI, practice: Practice, value: Decimal) -> str:
    """For example "27 appointments"."""
    text = numbers.value(value, kpi.unit, practice.currency)
    if kpi.is_whole and value != 1:
        return f"{text} {_small(kpi.name)}"
    return f"{kpi.name}: {text}"


def counted(kpi: KPI) -> str:
    """As `EntryCard.noun`."""
    return _small(kpi.name) if kpi.is_whole else ""


def _small(name: str) -> str:
    # Acronyms such as NPS are unchanged.
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _refusal(seat: Seat, week: Week, today: date, *, is_closed: bool) -> str:
    if week.is_future(today):
        return "This week has not started yet."
    if not seat.practice.has_begun_by(week):
        return f"{seat.practice.name} had not started yet in this week."
    if is_closed:
        who = "You can" if seat.is_manager else "A manager can"
        return f"This week is closed. {who} reopen it, with a reason."
    return ""


def _reviewed(series: Series, week: Week, posted: str | None) -> Sequence[KPIRow]:
    reviewed = series.lineup(week)
    asked = [kpi for kpi in (*reviewed, *series.others) if kpi.slug == posted]
    entered = [kpi for kpi in reviewed if not kpi.is_calculated or kpi in asked]
    return [*entered, *(kpi for kpi in asked if kpi not in entered)]


def _card(
    seat: Seat,
    kpi: KPIRow,
    week: Week,
    series: Series,
    entered: dict[str, Any] | None,
    changes: Mapping[int, Sequence[dict[str, Any]]],
    *,
    is_mine: bool,
) -> EntryCard:
    owner, currency = series.owner(kpi, series.today), seat.practice.currency
    return EntryCard(
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        unit=kpi.unit,
        currency=currency,
        role=kpi.role,
        owner=owner.name if owner else None,
        is_own=seat.is_staff(owner.staff_id if owner else None),
        is_mine=is_mine,
        last_week=series.value(kpi.id, week.previous),
        average=series.average_before(kpi.id, week),
        target=series.target(kpi.id, week),
        entered=_entered(entered) if entered else None,
        corrections=corrections(
            changes[entered["id"]], lambda value: numbers.value(value, kpi.unit, currency)
        )
        if entered
        else (),
    )


def _load_entries(
    practice: Practice, week: Week
) -> tuple[dict[int, dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """By KPI id, and versions by entry id, oldest first. One query, two with corrections."""
    of_week = WeeklyEntry.objects.filter(practice=practice, week=week.monday)
    entered = {row["kpi_id"]: row for row in _named(of_week, practice, "entered_by")}
    changes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    corrected = [row["id"] for row in entered.values() if row["version"] > 1]
    if corrected:
        versions = WeeklyEntry.history.filter(id__in=corrected)
        for row in _named(versions, practice, "history_user").order_by("history_id"):
            changes[row["id"]].append(row)
    return entered, changes


def _named(rows: QuerySet[Any], practice: Practice, who: str) -> QuerySet[Any, dict[str, Any]]:
    return rows.order_by().values(
        "id",
        "kpi_id",
        "value",
        "note",
        "reason",
        "version",
        "entered_at",
        by=called(practice, who),
        owner=F("entered_for__name"),
    )


def _entered(row: dict[str, Any]) -> Entered:
    return Entered(
        value=row["value"],
        note=row["note"],
        version=row["version"],
        by=row["by"],
        owner=row["owner"],
        at=row["entered_at"],
    )
