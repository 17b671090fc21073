from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, JSONObject

from funnel.models import KPI, Baseline, Ownership, Practice, Staff, Target, WeeklyEntry
from funnel.reports.series.series import KPIRow

Row = Mapping[str, Any]

OWNER, TARGET, BASELINE, DEFINITION, PART, ENTRY, VERSION, NAME = range(8)
# Columns that refer to a user.
PEOPLE = ("by", "ended_by")
# Chronological order.
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
    """Rows by kind, entries between Mondays. One statement.

    Rows are JSON, as kinds share few columns: dates and values are text, flags 0 or 1 on SQLite.
    """
    branches = [
        _names(practice),
        _owners(kpi),
        _targets(kpi),
        _baselines(kpi),
        _definitions(kpi),
    ]
    if kpi.is_calculated:
        branches.append(_parts(kpi))
    elif entries_of is not None:
        branches += _entries(practice, kpi, *entries_of)
    found: dict[int, list[Row]] = defaultdict(list)
    for what, row in branches[0].union(*branches[1:], all=True):
        found[what].append(row)
    names = {row["user_id"]: row["name"] for row in found.pop(NAME, ())}
    for what, rows in found.items():
        rows.sort(key=itemgetter(ORDERED_BY[what]))
        found[what] = [_with_names(row, names) for row in rows]
    return found


def day(text: str | None) -> date | None:
    """Parse a date."""
    return None if text is None else date.fromisoformat(text)


def moment(text: str, practice: Practice) -> datetime:
    """Convert to local time."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(practice.zone)


def amount(text: str | None) -> Decimal | None:
    """Parse a value."""
    return None if text is None else Decimal(text)


def _rows(what: int, rows: QuerySet[Any], *names: str, **columns: Any) -> QuerySet[Any]:
    row = JSONObject(**{name: F(name) for name in names}, **columns)
    found: QuerySet[Any] = rows.order_by().annotate(what=Value(what), row=row)
    return found.values_list("what", "row")


def _text(name: str) -> Cast:
    return Cast(name, CharField())


def _person(column: str, name: str = "by") -> dict[str, F]:
    return {f"{name}_id": F(f"{column}_id"), name: F(f"{column}__email")}


def _with_names(row: Row, names: Mapping[int, str]) -> Row:
    """Email addresses for users without membership."""
    people = {name: names.get(row[f"{name}_id"], row[name]) for name in PEOPLE if name in row}
    return {**row, **people}


def _names(practice: Practice) -> QuerySet[Any]:
    return _rows(NAME, Staff.objects.filter(practice=practice), "user_id", "name")


def _owners(kpi: KPIRow) -> QuerySet[Any]:
    rows = Ownership.objects.filter(kpi=kpi.id)
    by = _person("assigned_by")
    return _rows(OWNER, rows, "starts_on", "ends_on", name=F("staff__name"), **by)


def _targets(kpi: KPIRow) -> QuerySet[Any]:
    rows = Target.objects.filter(kpi=kpi.id)
    return _rows(TARGET, rows, "from_week", value=_text("value"), **_person("set_by"))


def _baselines(kpi: KPIRow) -> QuerySet[Any]:
    return _rows(
        BASELINE,
        Baseline.objects.filter(kpi=kpi.id),
        "from_week",
        "ended_week",
        "reason",
        **_person("begun_by"),
        **_person("ended_by", "ended_by"),
    )


def _definitions(kpi: KPIRow) -> QuerySet[Any]:
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
        **_person("history_user"),
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
            **_person("entered_by"),
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
            **_person("history_user"),
        ),
    )
