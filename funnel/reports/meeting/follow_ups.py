from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from funnel.access import Seat
from funnel.domain.weeks import MONTHS, Week
from funnel.models import KPI, FollowUp, Practice
from funnel.reports.names import called
from funnel.reports.paging import Paged, nearest_page

OPEN, MINE, OVERDUE, DONE, DROPPED, ALL = "open", "mine", "overdue", "done", "dropped", "all"
KINDS = (OPEN, MINE, OVERDUE, DONE, DROPPED, ALL)
PAGE = 50
# On the entry page; the page of follow-ups has the rest.
MINE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class FollowUpEvent:
    said: str
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpItem:
    """`steps` are oldest first."""

    id: int
    text: str
    owner: str
    owner_id: int
    is_mine: bool
    due_on: date
    due: str
    is_overdue: bool
    kpi: str | None
    kpi_slug: str | None
    week: Week
    version: int
    is_done: bool
    dropped_because: str
    may_finish: bool
    may_reopen: bool
    steps: tuple[FollowUpEvent, ...]

    @property
    def is_dropped(self) -> bool:
        return bool(self.dropped_because)

    @property
    def is_open(self) -> bool:
        return not self.is_done and not self.is_dropped


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    name: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class FollowUpList(Paged):
    """`kpis` are (slug, name)."""

    kinds: tuple[FollowUpFilter, ...]
    items: tuple[FollowUpItem, ...]
    kpis: tuple[tuple[str, str], ...]


def build_follow_ups(
    seat: Seat, *, today: date, text: str = "", show: str = OPEN, kpi: str = "", page: int = 1
) -> FollowUpList:
    """Open by due date, then ended, latest first. Four queries, three without results."""
    found = FollowUp.objects.filter(practice=seat.practice, text__icontains=text)
    if kpi:
        found = found.filter(kpi__slug=kpi)
    ways = {name: _shown(name, seat, today) for name in KINDS}
    counts = found.aggregate(**{name: Count("pk", filter=way) for name, way in ways.items()})
    page, pages = nearest_page(page, count=counts[show], size=PAGE)
    return FollowUpList(
        kinds=tuple(FollowUpFilter(name, counts[name], name == show) for name in KINDS),
        items=_load(seat, found.filter(ways[show]), today, (page - 1) * PAGE),
        kpis=_kpis_of(seat.practice),
        page=page,
        pages=pages,
    )


def build_follow_up(seat: Seat, number: int, *, today: date) -> FollowUpItem | None:
    """Two queries."""
    found = FollowUp.objects.filter(practice=seat.practice, pk=number)
    return next(iter(_load(seat, found, today, 0)), None)


def build_my_follow_ups(seat: Seat, *, today: date) -> tuple[FollowUpItem, ...]:
    """At most twenty open, by due date, without steps. One query, none without membership."""
    if seat.staff is None:
        return ()
    mine = FollowUp.objects.filter(practice=seat.practice, owner=seat.staff).open()
    return tuple(_item(row, (), seat, today) for row in _in_order(mine)[:MINE_SHOWN])


def build_open_follow_ups(seat: Seat, *, today: date) -> tuple[FollowUpItem, ...]:
    """By due date, without steps. One query."""
    still_open = FollowUp.objects.filter(practice=seat.practice).open()
    return tuple(_item(row, (), seat, today) for row in _in_order(still_open))


def in_words(due_on: date, today: date) -> str:
    """For example "due tomorrow"."""
    days = (due_on - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} overdue"
    if days < 2:
        return ("due today", "due tomorrow")[days]
    return f"due {_day(due_on)}" + ("" if due_on.year == today.year else f", {due_on.year}")


def _shown(name: str, seat: Seat, today: date) -> Q:
    still_open = Q(done_at=None, dropped_at=None)
    return {
        OPEN: still_open,
        MINE: still_open & Q(owner=seat.staff.pk if seat.staff else None),
        OVERDUE: still_open & Q(due_on__lt=today),
        DONE: Q(done_at__isnull=False),
        DROPPED: Q(dropped_at__isnull=False),
        ALL: ~Q(pk=None),
    }[name]


def _in_order(found: QuerySet[FollowUp]) -> QuerySet[FollowUp, Any]:
    ended = Coalesce("done_at", "dropped_at")
    return found.order_by(ended.desc(nulls_first=True), "due_on", "id").values(
        "id",
        "text",
        "owner_id",
        "due_on",
        "version",
        "done_at",
        "done_by_id",
        "dropped_because",
        named=F("owner__name"),
        about=F("kpi__name"),
        slug=F("kpi__slug"),
        of_week=F("meeting__week"),
    )


def _load(
    seat: Seat, found: QuerySet[FollowUp], today: date, first: int
) -> tuple[FollowUpItem, ...]:
    rows = list(_in_order(found)[first : first + PAGE])
    steps = _load_steps(seat.practice, [row["id"] for row in rows])
    return tuple(_item(row, steps[row["id"]], seat, today) for row in rows)


def _item(
    row: Mapping[str, Any], steps: Sequence[FollowUpEvent], seat: Seat, today: date
) -> FollowUpItem:
    is_open = row["done_at"] is None and not row["dropped_because"]
    return FollowUpItem(
        id=row["id"],
        text=row["text"],
        owner=row["named"],
        owner_id=row["owner_id"],
        is_mine=seat.staff is not None and seat.staff.pk == row["owner_id"],
        due_on=row["due_on"],
        due=in_words(row["due_on"], today),
        is_overdue=is_open and row["due_on"] < today,
        kpi=row["about"],
        kpi_slug=row["slug"],
        week=Week(row["of_week"]),
        version=row["version"],
        is_done=row["done_at"] is not None,
        dropped_because=row["dropped_because"],
        may_finish=is_open and seat.may_finish(row["owner_id"]),
        may_reopen=not is_open and seat.may_reopen(row["owner_id"], row["done_by_id"]),
        steps=tuple(steps),
    )


def _kpis_of(practice: Practice) -> tuple[tuple[str, str], ...]:
    about = FollowUp.objects.filter(kpi=OuterRef("pk"))
    kpis = KPI.objects.filter(Exists(about), practice=practice).in_order()
    return tuple(kpis.values_list("slug", "name"))


def _load_steps(practice: Practice, ids: Iterable[int]) -> dict[int, list[FollowUpEvent]]:
    """One query, none without ids."""
    steps: dict[int, list[FollowUpEvent]] = defaultdict(list)
    ids = list(ids)
    if not ids:
        return steps
    rows = (
        FollowUp.history.filter(id__in=ids)
        .order_by("id", "history_id")
        .values(
            "id",
            "text",
            "due_on",
            "done_at",
            "dropped_at",
            "dropped_because",
            at=F("history_date"),
            named=F("owner__name"),
            by=called(practice, "history_user"),
        )
    )
    for before, row in pairwise([None, *rows]):
        if row is not None:
            is_first = before is None or before["id"] != row["id"]
            said = "Promised" if is_first else _what_changed(before, row)
            steps[row["id"]].append(FollowUpEvent(said, row["by"], row["at"]))
    return steps


def _what_changed(before: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    if row["done_at"] and not before["done_at"]:
        return "Done"
    if row["dropped_at"] and not before["dropped_at"]:
        return f"Dropped: {row['dropped_because']}"
    changes = []
    if (before["done_at"] or before["dropped_at"]) and not (row["done_at"] or row["dropped_at"]):
        changes.append("reopened")
    if before["named"] != row["named"]:
        changes.append(f"{before['named']} → {row['named']}")
    if before["due_on"] != row["due_on"]:
        changes.append(f"due {_day(before['due_on'])} → {_day(row['due_on'])}")
    if before["text"] != row["text"]:
        changes.append(f"was “{before['text']}”")
    said = ", ".join(changes) or "saved"
    return said[:1].upper() + said[1:]


def _day(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}"
