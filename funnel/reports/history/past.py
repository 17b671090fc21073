"""What is stored about one KPI beside its numbers, read with one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, JSONObject

from funnel.models import KPI, Baseline, Ownership, Practice, Target, WeeklyEntry
from funnel.reports.names import called
from funnel.reports.series.series import KPIRow

Row = Mapping[str, Any]

OWNER, TARGET, BASELINE, DEFINITION, PART, ENTRY, VERSION = range(7)
# In the order in which they came to hold.
ORDERED_BY = {
    OWNER: "starts_on",
    TARGET: "from_week",
    BASELINE: "from_week",
    DEFINITION: "history_id",
    PART: "id",
    ENTRY: "week",
    VERSION: "history_id",
}


def load_past(
    practice: Practice, kpi: KPIRow, entries_of: tuple[date, date] | None
) -> dict[int, list[Row]]:
    """By what they are: the owners, targets, baselines and definitions of the practice's KPI, the
    KPIs it is calculated from, and its entries from one Monday to another with the versions of
    those that were changed; each in order. One statement.

    A row is JSON, because the seven kinds have few columns in common: days and moments are ISO
    text, values text, and flags 0 or 1 on SQLite. See `day`, `moment` and `amount`.
    """
    branches = [
        _owners(practice, kpi),
        _targets(practice, kpi),
        _baselines(practice, kpi),
        _definitions(practice, kpi),
    ]
    if kpi.is_calculated:
        branches.append(_parts(kpi))
    elif entries_of is not None:
        branches += _entries(practice, kpi, *entries_of)
    found: dict[int, list[Row]] = defaultdict(list)
    for what, row in branches[0].union(*branches[1:], all=True):
        found[what].append(row)
    for what, rows in found.items():
        rows.sort(key=itemgetter(ORDERED_BY[what]))
    return found


def day(text: str | None) -> date | None:
    """A day of a row."""
    return None if text is None else date.fromisoformat(text)


def moment(text: str, practice: Practice) -> datetime:
    """A moment of a row, on the practice's clock."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(practice.zone)


def amount(text: str | None) -> Decimal | None:
    """A value of a row."""
    return None if text is None else Decimal(text)


def _rows(what: int, rows: QuerySet[Any], *names: str, **columns: Any) -> QuerySet[Any]:
    row = JSONObject(**{name: F(name) for name in names}, **columns)
    found = rows.order_by().annotate(what=Value(what), row=row)
    return found.values_list("what", "row")


def _text(name: str) -> Cast:
    return Cast(name, CharField())


def _owners(practice: Practice, kpi: KPIRow) -> QuerySet[Any]:
    rows = Ownership.objects.filter(kpi=kpi.id)
    by = called(practice, "assigned_by")
    return _rows(OWNER, rows, "starts_on", "ends_on", name=F("staff__name"), by=by)


def _targets(practice: Practice, kpi: KPIRow) -> QuerySet[Any]:
    rows = Target.objects.filter(kpi=kpi.id)
    by = called(practice, "set_by")
    return _rows(TARGET, rows, "from_week", value=_text("value"), by=by)


def _baselines(practice: Practice, kpi: KPIRow) -> QuerySet[Any]:
    return _rows(
        BASELINE,
        Baseline.objects.filter(kpi=kpi.id),
        "from_week",
        "ended_week",
        "reason",
        by=called(practice, "begun_by"),
        ended_by=called(practice, "ended_by"),
    )


def _definitions(practice: Practice, kpi: KPIRow) -> QuerySet[Any]:
    return _rows(
        DEFINITION,
        KPI.history.filter(id=kpi.id),
        "history_id",
        "history_date",
        "name",
        "definition",
        "unit",
        "direction",
        "calculation",
        "window",
        "source_id",
        "divisor_id",
        source_name=F("source__name"),
        divisor_name=F("divisor__name"),
        role_name=F("role__name"),
        by=called(practice, "history_user"),
    )


def _parts(kpi: KPIRow) -> QuerySet[Any]:
    return _rows(PART, KPI.objects.filter(pk__in=kpi.parts), "id", "slug", "name")


def _entries(practice: Practice, kpi: KPIRow, first: date, last: date) -> Sequence[QuerySet[Any]]:
    entries = WeeklyEntry.objects.filter(practice=practice, kpi=kpi.id).between(first, last)
    changed = entries.filter(version__gt=1).order_by().values("pk")
    names = ("id", "week", "note", "reason", "entered_at", "version", "is_corrected")
    return (
        _rows(
            ENTRY,
            entries,
            *names,
            value=_text("value"),
            seen_value=_text("seen_value"),
            by=called(practice, "entered_by"),
            owner=F("entered_for__name"),
        ),
        _rows(
            VERSION,
            WeeklyEntry.history.filter(id__in=changed),
            "id",
            "history_id",
            "note",
            "reason",
            "entered_at",
            value=_text("value"),
            by=called(practice, "history_user"),
        ),
    )
