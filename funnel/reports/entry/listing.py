from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, WeeklyEntry
from funnel.reports.names import called

MOST = 1000


class After(NamedTuple):
    monday: date
    kpi_id: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """`entered_for` is the owner unless they entered it; `seen` the value at the meeting."""

    kpi_id: int
    kpi: str
    week: Week
    value: Decimal
    note: str
    version: int
    entered_at: datetime
    entered_by: str
    entered_for: str | None
    reason: str
    is_corrected: bool
    seen: Decimal | None


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is None on the last page."""

    entries: tuple[EntryRow, ...]
    after: After | None


def list_entries(
    practice: Practice,
    *,
    first: Week | None = None,
    last: Week | None = None,
    slug: str = "",
    after: After | None = None,
    limit: int = MOST,
) -> Page | None:
    """A page by week and KPI; None for an unknown slug. One query, two with a slug."""
    rows = WeeklyEntry.objects.filter(practice=practice)
    if slug:
        kpi = KPI.objects.filter(practice=practice, slug=slug).first()
        if kpi is None:
            return None
        rows = rows.filter(kpi=kpi)
    if first is not None:
        rows = rows.filter(week__gte=first.monday)
    if last is not None:
        rows = rows.filter(week__lte=last.monday)
    if after is not None:
        later = Q(week=after.monday, kpi_id__gt=after.kpi_id) | Q(week__gt=after.monday)
        rows = rows.filter(later, week__gte=after.monday)
    found = _told(practice, rows.order_by("week", "kpi_id"))
    entries = [_listed(row) for row in found[: limit + 1]]
    end = entries[limit - 1] if len(entries) > limit else None
    return Page(
        entries=tuple(entries[:limit]),
        after=After(end.week.monday, end.kpi_id) if end else None,
    )


def tell_entries(practice: Practice, ids: Sequence[int]) -> list[EntryRow]:
    """Entries in the order of `ids`. One query."""
    rows = _told(practice, WeeklyEntry.objects.filter(practice=practice, pk__in=ids))
    by_id = {row[-1]: _listed(row) for row in rows}
    return [by_id[pk] for pk in ids]


def _told(practice: Practice, rows: QuerySet[WeeklyEntry]) -> QuerySet[WeeklyEntry, Any]:
    return rows.values_list(
        "kpi_id",
        "kpi__slug",
        "week",
        "value",
        "note",
        "version",
        "entered_at",
        called(practice, "entered_by"),
        F("entered_for__name"),
        "reason",
        "is_corrected",
        "seen_value",
        "id",
    )


def _listed(row: Sequence[Any]) -> EntryRow:
    kpi_id, slug, monday, *rest, _ = row
    return EntryRow(kpi_id, slug, Week(monday), *rest)
