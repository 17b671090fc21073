from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q

from funnel.domain.weeks import Week
from funnel.models import Meeting, Practice
from funnel.reports.names import called

PARTS = (
    (Meeting.Part.NUMBERS, "minutes_numbers"),
    (Meeting.Part.AHEAD, "minutes_ahead"),
    (Meeting.Part.ISSUES, "minutes_issues"),
)


@dataclass(frozen=True, slots=True)
class PartTime:
    """`planned` is in minutes."""

    slug: str
    name: str
    planned: int
    seconds: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class MeetingState:
    """`meeting_id` is None before the first write; the view sets `stamp`."""

    meeting_id: int | None
    parts: tuple[PartTime, ...]
    is_started: bool
    is_running: bool
    closed_at: datetime | None
    closed_by: str | None
    reopened_at: datetime | None
    reopened_because: str
    as_of: datetime
    stamp: str = ""

    def at(self, now: datetime) -> "MeetingState":
        """Extend the running part."""
        if not self.is_running:
            return self
        more = max(0, round((now - self.as_of).total_seconds()))
        parts = tuple(
            replace(part, seconds=part.seconds + more) if part.is_current else part
            for part in self.parts
        )
        return replace(self, parts=parts, as_of=now)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def is_held(self) -> bool:
        return self.is_started and not self.is_closed

    @property
    def planned(self) -> int:
        return sum(part.planned for part in self.parts)

    @property
    def seconds(self) -> int:
        return sum(part.seconds for part in self.parts)

    @property
    def current(self) -> PartTime | None:
        return next((part for part in self.parts if part.is_current), None)

    @property
    def following(self) -> PartTime | None:
        slugs = [part.slug for part in self.parts]
        if self.current is None or self.current.slug == slugs[-1]:
            return None
        return self.parts[slugs.index(self.current.slug) + 1]


def build_state(practice: Practice, week: Week, *, now: datetime) -> MeetingState:
    """One query."""
    meeting, closer = _load(practice, week)
    minutes = [getattr(practice, planned) for _, planned in PARTS]
    return MeetingState(
        meeting_id=meeting.pk,
        parts=_parts(meeting, minutes, now),
        is_started=meeting.started_at is not None,
        is_running=meeting.running_since is not None,
        closed_at=meeting.closed_at,
        closed_by=closer,
        reopened_at=meeting.reopened_at,
        reopened_because=meeting.reopened_because,
        as_of=now,
    )


def _parts(meeting: Meeting, minutes: Sequence[int], now: datetime) -> tuple[PartTime, ...]:
    return tuple(
        PartTime(part.value, part.label, planned, meeting.seconds(part, now), meeting.part == part)
        for (part, _), planned in zip(PARTS, minutes, strict=True)
    )


def _load(practice: Practice, week: Week) -> tuple[Meeting, str | None]:
    """Unsaved if new."""
    of_week = Q(meetings__week=week.monday)
    fields = [field.attname for field in Meeting._meta.concrete_fields]
    row: Mapping[str, Any] = (
        Practice.objects.filter(pk=practice.pk)
        .annotate(of_week=FilteredRelation("meetings", condition=of_week))
        .annotate(closer=called(practice, "of_week__closed_by"))
        .values("closer", **{f"m_{name}": F(f"of_week__{name}") for name in fields})
        .get()
    )
    found = {name: row[f"m_{name}"] for name in fields}
    meeting = Meeting(**found) if found["id"] else Meeting(practice=practice, week=week.monday)
    return meeting, row["closer"]
