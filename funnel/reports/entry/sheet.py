"""What a person sees to enter a week's numbers, and when someone was faster."""

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
from funnel.reports.series.versions import Correction, corrections


@dataclass(frozen=True, slots=True)
class Entered:
    """The number as it stands: `by` and `owner` are names, `owner` None when it is their own."""

    value: Decimal
    note: str
    version: int
    by: str
    owner: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryCard:
    """One KPI to enter. `last_week`, `average` (of the recorded ones among the 13 weeks before)
    and `target` are None where there is none; `entered` is None while the number is missing."""

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
    corrections: tuple[Correction, ...]

    @property
    def is_missing(self) -> bool:
        """Nobody has entered it yet."""
        return self.entered is None

    @property
    def entered_said(self) -> str:
        """The number that is in, as it is read; "–" while it is missing."""
        return self.say(self.entered.value if self.entered else None)

    @property
    def is_whole(self) -> bool:
        """Takes whole numbers only."""
        return self.unit == KPI.Unit.COUNT

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What to compare the number with: (what, as it is read), without what is not known."""
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
        """What a count counts, as it stands after a number; "" where that would read badly."""
        return _small(self.name) if self.is_whole else ""

    def say(self, value: Decimal | None) -> str:
        """A value as it is read: "1,234", "$9,600", "12.5%"."""
        return numbers.value(value, self.unit, self.currency)


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """A person's cards for one week: the numbers they answer for, and for a manager the others.

    `refusal` is the sentence that says why the week takes no numbers, "" when it does.
    """

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
        """All of them, in the order of the page."""
        return (*self.mine, *self.others)

    @property
    def next_missing(self) -> EntryCard | None:
        """The next number this person owes; None when all are in or none can be entered."""
        return None if self.refusal else next((c for c in self._owed if c.is_missing), None)

    @property
    def is_done(self) -> bool:
        """Every number this person answers for is in; for a manager who answers for none, every
        number there is. Never without any."""
        return bool(self._owed) and not any(card.is_missing for card in self._owed)

    @property
    def _owed(self) -> tuple[EntryCard, ...]:
        return self.mine or self.others


@dataclass(frozen=True, slots=True)
class Clash:
    """Someone's number that was saved after the form was shown, and mine that was not."""

    theirs: Entered
    theirs_said: str
    mine_said: str
    by_myself: bool


def entry_week(practice: Practice, today: date) -> Week:
    """The week the entry page opens on: the last that has ended, or a new practice's first."""
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
    """The person's sheet of that week, with the KPIs reviewed in it and the owners and stand-ins of
    today.

    `own` are the slugs of the KPIs that are theirs today (`load_own`), None: not loaded yet.
    `posted` is the slug of a KPI whose card is shown even when it is archived or calculated. Three
    queries, one more without `own` and one where a number was corrected.
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
    """The two numbers between which the person has to choose. One query."""
    rows = WeeklyEntry.objects.filter(pk=stored.pk)
    theirs = _entered(_named(rows, by.seat.practice, "entered_by").get())
    return Clash(
        theirs=theirs,
        theirs_said=said(by.kpi, by.seat.practice, theirs.value),
        mine_said=said(by.kpi, by.seat.practice, mine),
        by_myself=stored.entered_by_id == by.seat.user.pk,
    )


def said(kpi: KPI, practice: Practice, value: Decimal) -> str:
    """A KPI's number in words: "27 appointments", "Revenue: $9,600", "Leads: 1"."""
    text = numbers.value(value, kpi.unit, practice.currency)
    if kpi.is_whole and value != 1:
        return f"{text} {_small(kpi.name)}"
    return f"{kpi.name}: {text}"


def counted(kpi: KPI) -> str:
    """What a count counts, as it stands after a number; "" where that would read badly."""
    return _small(kpi.name) if kpi.is_whole else ""


def _small(name: str) -> str:
    # NPS stays NPS.
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _refusal(seat: Seat, week: Week, today: date, *, is_closed: bool) -> str:
    if week.is_future(today):
        return "This week has not begun yet."
    if not seat.practice.has_begun_by(week):
        return f"{seat.practice.name} had not begun yet in this week."
    if is_closed:
        who = "You can" if seat.is_manager else "A manager can"
        return f"This week is closed. {who} open it again, with a reason."
    return ""


def _reviewed(series: Series, week: Week, posted: str | None) -> Sequence[KPIRow]:
    """The KPIs that are entered in that week, and the one that was posted, in the week's order."""
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
    """The week's entries by KPI id; what the corrected ones among them were one after the other, by
    entry id, oldest first. One query, two where any was corrected."""
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
    """The rows as dicts, with `by`: what the practice's team calls the user in the column `who`."""
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
