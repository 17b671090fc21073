from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from funnel.domain import numbers
from funnel.domain.weeks import Week
from funnel.models import Practice, WeeklyEntry
from funnel.models.lineup import position_then
from funnel.reports.names import called


@dataclass(frozen=True, slots=True)
class Correction:
    """`old` is "missing" for a later entry."""

    slug: str
    name: str
    old: str
    new: str
    by: str
    at: datetime
    reason: str


def load_corrections(practice: Practice, week: Week) -> tuple[Correction, ...]:
    """Corrections since the first closing. One query."""
    entries: QuerySet[Any] = (
        WeeklyEntry.objects.filter(practice=practice, week=week.monday, is_corrected=True)
        .annotate(by=called(practice, "entered_by"))
        .select_related("kpi")
        .alias(position=position_then())
        .order_by(F("position").asc(nulls_last=True), "kpi_id")
    )
    return tuple(
        Correction(
            slug=entry.kpi.slug,
            name=entry.kpi.name,
            old="missing"
            if entry.seen_value is None
            else numbers.value(entry.seen_value, entry.kpi.unit, practice.currency),
            new=numbers.value(entry.value, entry.kpi.unit, practice.currency),
            by=entry.by,
            at=entry.entered_at,
            reason=entry.reason,
        )
        for entry in entries
    )
