from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from funnel.access import ENTERS, Seat
from funnel.domain.weeks import Week
from funnel.models import CalendarFeed, FollowUp, Ownership, Practice, Staff, StandIn
from funnel.reports.secrets import SecretLine, list_secrets

WEEKS_AHEAD = 8
MOST_PROMISES = 200


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting and the week it reviews."""

    week: Week
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class CalendarFollowUp:
    number: int
    text: str
    due_on: date
    changed: datetime


@dataclass(frozen=True, slots=True)
class Dates:
    """`brings_numbers` if they enter any; `changed` is of the settings."""

    practice_id: int
    practice_name: str
    slug: str
    staff_id: int
    changed: datetime
    brings_numbers: bool
    meetings: tuple[Sitting, ...]
    promises: tuple[CalendarFollowUp, ...]


def calendar_of(seat: Seat, *, today: date) -> SecretLine | None:
    """None without an address. One query."""
    feeds = CalendarFeed.objects.unrevoked().select_related("staff__user")

    def line(_: CalendarFeed, **shared: Any) -> SecretLine:
        return SecretLine(**shared | {"made_by": "you"})

    mine = feeds.filter(staff=seat.staff)
    return next(iter(list_secrets(mine, seat.practice, line, today=today)), None)


def build_dates(staff: Staff, *, today: date) -> Dates:
    """Meetings of this week and eight more, and 200 open follow-ups, most urgent first. Three or
    four queries.
    """
    practice = staff.practice
    first = Week.reporting(today)
    weeks = Week.range(first, first.plus(WEEKS_AHEAD))
    return Dates(
        practice_id=practice.pk,
        practice_name=practice.name,
        slug=practice.slug,
        staff_id=staff.pk,
        changed=_changed(practice),
        brings_numbers=_brings_numbers(staff, today),
        meetings=tuple(_sitting(practice, w) for w in weeks if practice.has_begun_by(w)),
        promises=_promises(staff),
    )


def _sitting(practice: Practice, week: Week) -> Sitting:
    begins = practice.meeting_at(week)
    return Sitting(week, begins, begins + practice.meeting_length)


def _changed(practice: Practice) -> datetime:
    latest = practice.history.values_list("history_date", flat=True).first()
    return latest or datetime.combine(practice.began_on, time(0), UTC)


def _brings_numbers(staff: Staff, today: date) -> bool:
    if staff.access not in ENTERS:
        return False
    asked = {"kpi__archived_at": None, "kpi__calculation": "entered", "staff": staff}
    owned = Ownership.objects.on(today).filter(**asked)
    return owned.exists() or StandIn.objects.on(today).filter(**asked).exists()


def _promises(staff: Staff) -> tuple[CalendarFollowUp, ...]:
    changes = FollowUp.history.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
    mine = FollowUp.objects.open().filter(owner=staff).order_by("due_on", "pk")
    rows: QuerySet[Any] = mine.annotate(changed=Subquery(changes.values("history_date")[:1]))
    return tuple(
        CalendarFollowUp(row.pk, row.text, row.due_on, row.changed or row.promised_at)
        for row in rows[:MOST_PROMISES]
    )
