from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from funnel.domain import numbers, sheet_dates
from funnel.domain.import_plan import ImportOutcome, PlannedNumber
from funnel.domain.weeks import Week
from funnel.models import KPI, Import, Practice
from funnel.reports.names import called
from funnel.reports.paging import Paged, nearest_page

MOST_LISTED = 20
PAGE = 100
DOUBTFUL = "to be checked"


@dataclass(frozen=True, slots=True)
class ImportRow:
    number: int
    file_name: str
    at: datetime
    by: str
    new: int
    changed: int
    is_draft: bool
    undone_at: datetime | None
    undone_by: str | None


def list_imports(practice: Practice, *, since: datetime) -> tuple[ImportRow, ...]:
    """Twenty imports, and drafts since then, newest first. One query."""
    rows = Import.objects.in_force(since).filter(practice=practice).defer("cells", "lines")
    named: QuerySet[Any] = rows.annotate(
        maker=called(practice, "made_by"),
        writer=called(practice, "done_by"),
        undoer=called(practice, "undone_by"),
    )
    return tuple(
        ImportRow(
            number=row.pk,
            file_name=row.file_name,
            at=row.done_at or row.made_at,
            by=row.writer or row.maker,
            new=row.new,
            changed=row.changed,
            is_draft=row.is_draft,
            undone_at=row.undone_at,
            undone_by=row.undoer,
        )
        for row in named[:MOST_LISTED]
    )


@dataclass(frozen=True, slots=True)
class ImportedNumber:
    """Formatted; `was` is "" if new."""

    line: int
    name: str
    week: str
    value: str
    was: str
    note: str
    kind: ImportOutcome
    why: str
    is_closed: bool

    @property
    def is_doubtful(self) -> bool:
        """Written although unlikely."""
        return self.kind in {ImportOutcome.NEW, ImportOutcome.CHANGED} and bool(self.why)


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ImportPage(Paged):
    """`left_out` are ignored names; `moved` is a day converted to its week; `closed` are unchanged
    numbers of closed weeks.
    """

    form: str
    sheet: str
    left_out: tuple[str, ...]
    moved: str
    moved_week: str
    moved_count: int
    closed: int
    doubtful: int
    kinds: tuple[Shown, ...]
    rows: tuple[ImportedNumber, ...]


def build_import(imported: Import, practice: Practice, *, show: str, page: int) -> ImportPage:
    """A hundred rows ("": of all kinds); the page is clamped. One query."""
    lines = imported.planned()
    units = dict(KPI.objects.filter(practice=practice).order_by().values_list("slug", "unit"))
    picked = _picked(lines, show)
    page, pages = nearest_page(page, count=len(picked), size=PAGE)
    told: dict[str, Any] = imported.told
    moved = date.fromisoformat(told["moved"]) if told.get("moved") else None
    return ImportPage(
        form=told.get("form") or "",
        sheet=told.get("sheet") or "",
        left_out=tuple(told.get("left_out", ())),
        moved=sheet_dates.said(moved) if moved else "",
        moved_week=Week.of(moved).label if moved else "",
        moved_count=told.get("moved_count", 0),
        closed=told.get("closed", 0),
        doubtful=told.get("doubtful", 0),
        kinds=_kinds(imported, show),
        rows=tuple(
            _row(line, units.get(line.slug, "decimal"), practice.currency)
            for line in picked[(page - 1) * PAGE : page * PAGE]
        ),
        page=page,
        pages=pages,
    )


def _picked(lines: Sequence[PlannedNumber], show: str) -> Sequence[PlannedNumber]:
    if show == DOUBTFUL:
        return [line for line in lines if line.is_written and line.why]
    if show in set(ImportOutcome):
        return [line for line in lines if line.kind == show]
    return lines


def _kinds(imported: Import, show: str) -> tuple[Shown, ...]:
    counted = {kind.value: getattr(imported, kind) for kind in ImportOutcome}
    counted[DOUBTFUL] = imported.told.get("doubtful", 0)
    all_of_them = sum(getattr(imported, kind) for kind in ImportOutcome)
    kinds = [Shown("all", all_of_them, show not in counted)]
    return (*kinds, *(Shown(name, n, show == name) for name, n in counted.items() if n))


def _row(line: PlannedNumber, unit: str, currency: str) -> ImportedNumber:
    try:
        week = Week.parse(line.week).label
    except ValueError:
        week = line.week
    return ImportedNumber(
        line=line.line,
        name=line.name,
        week=week,
        value=numbers.value(Decimal(line.value), unit, currency) if line.is_read else line.value,
        was=numbers.value(Decimal(line.was), unit, currency) if line.was else "",
        note=line.note,
        kind=line.kind,
        why=line.why,
        is_closed=line.is_closed,
    )
