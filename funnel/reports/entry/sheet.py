"""What a person sees to enter a week's numbers, and when someone was faster."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, IntegerField, Q, Subquery, Value
from django.db.models.expressions import OuterRef
from django.db.models.functions import Cast, Coalesce

from funnel.access import Seat, Standing, standing_of
from funnel.domain import numbers
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.weeks import Week
from funnel.models import KPI, Assignment, Place, Practice, Staff, WeeklyEntry
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
    seat: Seat, week: Week, *, today: date, posted: str | None = None
) -> EntrySheet:
    """The person's sheet of that week, with the KPIs reviewed in it and the owners and stand-ins of
    today.

    `posted` is the slug of a KPI whose card is shown even when it is archived or calculated. Two
    queries.
    """
    reviewed = Place.objects.in_force(week.monday).filter(lineup__practice=seat.practice.pk)
    asked = Q(archived_at=None, calculation=KPI.Calculation.ENTERED)
    asked &= Q(pk__in=reviewed.order_by().values("kpi"))
    kpis = seat.practice.kpis.filter(asked | Q(slug=posted)).in_order()
    assigned = kpis.assigned(today, staff=seat.staff, week=week.monday)
    stands = [s for one in assigned if (s := standing_of(seat, one, today)).may_enter]
    targets = {one.kpi.pk: one.target for one in assigned}
    values, entered, changes = _load_entries(seat.practice, week, [s.kpi for s in stands])
    cards = [
        _card(
            stand,
            week,
            values[stand.kpi.pk],
            entered.get(stand.kpi.pk),
            changes,
            targets[stand.kpi.pk],
        )
        for stand in stands
    ]
    following = week.next
    return EntrySheet(
        practice_name=seat.practice.name,
        week=week,
        is_running=week.is_running(today),
        is_reporting=week == Week.reporting(today),
        refusal=_refusal(seat, week, today, assigned),
        previous=week.previous if seat.practice.has_begun_by(week.previous) else None,
        next=None if following.is_future(today) else following,
        mine=tuple(card for card in cards if card.is_mine),
        others=tuple(card for card in cards if not card.is_mine),
    )


def build_clash(by: Standing, stored: WeeklyEntry, mine: Decimal) -> Clash:
    """The two numbers between which the person has to choose. One query."""
    rows = WeeklyEntry.objects.filter(pk=stored.pk)
    found = _named(rows, by.seat.practice, "entered_by", Value(None, IntegerField())).get()
    theirs = _entered(found)
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


def _refusal(seat: Seat, week: Week, today: date, assigned: Iterable[Assignment]) -> str:
    if week.is_future(today):
        return "This week has not begun yet."
    if not seat.practice.has_begun_by(week):
        return f"{seat.practice.name} had not begun yet in this week."
    if any(one.is_closed for one in assigned):
        who = "You can" if seat.is_manager else "A manager can"
        return f"This week is closed. {who} open it again, with a reason."
    return ""


def _card(
    stand: Standing,
    week: Week,
    values: Mapping[date, Decimal],
    entered: dict[str, Any] | None,
    changes: Mapping[int, Sequence[dict[str, Any]]],
    target: Decimal | None,
) -> EntryCard:
    kpi, practice = stand.kpi, stand.seat.practice
    earlier = [value for monday, value in values.items() if monday < week.monday]
    return EntryCard(
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        unit=kpi.unit,
        currency=practice.currency,
        role=kpi.role.name,
        owner=stand.owner.name if stand.owner else None,
        is_own=stand.seat.is_me(stand.owner),
        is_mine=stand.is_mine,
        last_week=values.get(week.previous.monday),
        average=sum(earlier, Decimal(0)) / len(earlier) if earlier else None,
        target=target,
        entered=_entered(entered) if entered else None,
        corrections=corrections(
            changes[entered["id"]],
            lambda value: numbers.value(value, kpi.unit, practice.currency),
        )
        if entered
        else (),
    )


def _load_entries(
    practice: Practice, week: Week, kpis: Sequence[KPI]
) -> tuple[
    dict[int, dict[date, Decimal]], dict[int, dict[str, Any]], dict[int, list[dict[str, Any]]]
]:
    """The values by KPI id and Monday; the week's entries by KPI id; what the corrected ones among
    them were one after the other, by entry id, oldest first. One query."""
    values: dict[int, dict[date, Decimal]] = defaultdict(dict)
    changes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    entered = {}
    entries = WeeklyEntry.objects.filter(practice=practice, kpi__in=kpis)
    near = entries.between(week.plus(-WEEKS_BEFORE).monday, week.monday)
    corrected = entries.filter(week=week.monday, version__gt=1).order_by()
    history = WeeklyEntry.history.filter(id__in=corrected.values("pk"))
    now = Cast(Value(None), IntegerField())
    rows = _named(near, practice, "entered_by", now).union(
        _named(history, practice, "history_user", F("history_id")), all=True
    )
    for row in sorted(rows, key=lambda row: row["was"] or 0):
        if row["was"] is not None:
            changes[row["id"]].append(row)
            continue
        values[row["kpi_id"]][row["week"]] = row["value"]
        if row["week"] == week.monday:
            entered[row["kpi_id"]] = row
    return values, entered, changes


def _named(rows: Any, practice: Practice, who: str, was: Any) -> Any:
    """The rows as dicts, with `by`: what the practice's team calls the user in the column `who`,
    their address when they have no place there; and `was`, the place in the history, None of what
    stands now."""
    places = Staff.objects.filter(practice=practice, user=OuterRef(who))
    name = Coalesce(
        Subquery(places.values("name")[:1]), F(f"{who}__email"), output_field=CharField()
    )
    return rows.order_by().values(
        "id",
        "kpi_id",
        "week",
        "value",
        "note",
        "reason",
        "version",
        "entered_at",
        by=name,
        owner=F("entered_for__name"),
        was=was,
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
