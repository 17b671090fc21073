from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from funnel.domain.weeks import Week
from funnel.models import Meeting, Practice, WeeklyEntry
from funnel.reports.names import called


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """`outcome` and `missing` come from the snapshot, if any."""

    week: Week
    closed_at: datetime | None
    closed_by: str | None
    reopened_because: str
    is_kept: bool
    outcome: str
    missing: tuple[str, ...]
    corrections: int


BEGUN = Q(started_at__isnull=False) | Q(closed_at__isnull=False) | Q(reopened_at__isnull=False)


def held(practice: Practice) -> QuerySet[Meeting]:
    """Meetings started or closed, newest first."""
    return Meeting.objects.filter(BEGUN, practice=practice).order_by("-week")


def build_past_meetings(practice: Practice, first: int, end: int) -> list[PastMeeting]:
    """`held[first:end]`. One query."""
    corrected = WeeklyEntry.objects.filter(
        practice=practice, week=OuterRef("week"), is_corrected=True
    )
    counted = corrected.order_by().values("week").annotate(n=Count("pk")).values("n")
    rows = held(practice).values(
        "week",
        "closed_at",
        "reopened_because",
        taken_at=F("snapshot__taken_at"),
        outcome=F("snapshot__board__outcome"),
        missing=F("snapshot__board__missing"),
        by=called(practice, "closed_by"),
        corrections=Coalesce(Subquery(counted, IntegerField()), 0),
    )
    return [_past_meeting(row) for row in rows[first:end]]


def _past_meeting(row: Mapping[str, Any]) -> PastMeeting:
    return PastMeeting(
        week=Week(row["week"]),
        closed_at=row["closed_at"],
        closed_by=row["by"],
        reopened_because=row["reopened_because"],
        is_kept=row["taken_at"] is not None,
        outcome=row["outcome"] or "",
        missing=tuple(row["missing"] or ()),
        corrections=row["corrections"],
    )
