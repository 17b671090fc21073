from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import webhooks
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import Meeting, Message, Practice, Snapshot, Webhook
from funnel.models.message import MessageQuerySet
from funnel.outbox.queue import cancel, enqueue, to_staff

BATCH = 500
CLOSED = "This meeting is closed. A manager can reopen it, with a reason."


def lock(practice: Practice, week: Week) -> Meeting:
    """Create the meeting if needed and lock it. One query, three the first time.

    Every write to a week locks it first, so that closing is exclusive.
    """
    locked = _locked(practice).filter(week=week.monday)
    meeting = locked.first()
    if meeting is None:
        # Of two concurrent inserts the second waits and does nothing.
        Meeting.objects.bulk_create(
            [Meeting(practice=practice, week=week.monday)], ignore_conflicts=True
        )
        meeting = locked.get()
    return meeting


def lock_all(practice: Practice, weeks: Collection[Week]) -> dict[date, Meeting]:
    """Lock in order of weeks, which prevents deadlocks. Three statements."""
    mondays = sorted(week.monday for week in weeks)
    Meeting.objects.bulk_create(
        [Meeting(practice=practice, week=monday) for monday in mondays],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    rows = _locked(practice).filter(week__in=mondays).order_by("week")
    return {meeting.week: meeting for meeting in rows}


def _locked(practice: Practice) -> QuerySet[Meeting]:
    """With `.is_listened`: has a webhook."""
    hooks = Webhook.objects.listening().filter(practice=OuterRef("practice"))
    rows = Meeting.objects.select_for_update().filter(practice=practice)
    return rows.annotate(is_listened=Exists(hooks))  # type: ignore[no-redef]


def check_open(practice: Practice, from_week: Week) -> None:
    """Lock the week. Raises ValidationError at or before a closed one."""
    lock(practice, from_week)
    closed = Meeting.objects.closed().filter(practice=practice, week__gte=from_week.monday)
    if last_closed := closed.order_by("-week").first():
        raise ValidationError(
            {
                "from_week": f"The week {Week(last_closed.week).label} is closed. "
                "Choose a week after it."
            }
        )


def open_for(by: Seat, week: Week, today: date) -> Meeting:
    """Return it locked. Raises ValidationError if unfinished, before the first week or closed."""
    require(May.RUN_MEETING, by)
    _check_week(by, week, today)
    meeting = lock(by.practice, week)
    if meeting.is_closed:
        raise ValidationError(CLOSED)
    return meeting


def changed(meeting: Meeting) -> Meeting:
    """Save and increment the version that screens poll."""
    meeting.revision += 1
    meeting.full_clean(exclude=["practice", "started_by", "closed_by", "reopened_by"])
    meeting.save()
    return meeting


@writes
def start(*, by: Seat, week: Week, today: date) -> Meeting:
    """Start the first part and the clock."""
    meeting = open_for(by, week, today)
    if meeting.started_at is not None:
        return meeting
    now = timezone.now()
    meeting.started_at = meeting.running_since = now
    meeting.started_by = by.user
    meeting.part = Meeting.Part.NUMBERS
    return changed(meeting)


@writes
def turn_to(*, by: Seat, week: Week, part: str, today: date) -> Meeting:
    """Store the time of the part before. Raises ValidationError before the start."""
    meeting = _started(by, week, today)
    if part not in Meeting.Part.values:
        raise ValidationError({"part": "The meeting has no such part."})
    if meeting.part == part:
        return meeting
    is_running = meeting.running_since is not None
    now = timezone.now()
    _stop(meeting, now)
    meeting.part = part
    meeting.running_since = now if is_running else None
    return changed(meeting)


@writes
def pause(*, by: Seat, week: Week, today: date) -> Meeting:
    """Stop the clock."""
    meeting = _started(by, week, today)
    if meeting.running_since is None:
        return meeting
    _stop(meeting, timezone.now())
    return changed(meeting)


@writes
def resume(*, by: Seat, week: Week, today: date) -> Meeting:
    """Start the clock again."""
    meeting = _started(by, week, today)
    if meeting.running_since is not None:
        return meeting
    meeting.running_since = timezone.now()
    return changed(meeting)


@writes
def close(*, by: Seat, week: Week, today: date, seen: Callable[[], dict[str, Any]]) -> Meeting:
    """Close it; queue recaps and webhooks.

    `seen` returns the board as JSON, stored at the first close only. Raises ValidationError while
    the week runs.
    """
    require(May.CLOSE_WEEK, by)
    _check_week(by, week, today)
    meeting = lock(by.practice, week)
    if meeting.is_closed:
        return meeting
    now = timezone.now()
    _stop(meeting, now)
    meeting.closed_at = now
    meeting.closed_by = by.user
    changed(meeting)
    if not Snapshot.objects.filter(meeting=meeting).exists():
        Snapshot.objects.create(meeting=meeting, board=seen(), taken_at=now, taken_by=by.user)
    _queue_recaps(by.practice, meeting, now)
    if meeting.is_listened:
        announcement = webhooks.Announcement(
            event=Message.Event.CLOSED,
            key=f"week:{meeting.pk}:{meeting.revision}",
            data={"week": str(week), "closed_by": by.name},
        )
        webhooks.announce(practice=by.practice, announcements=[announcement], now=now)
    return meeting


@writes
def reopen(*, by: Seat, week: Week, reason: str) -> Meeting:
    """Raises ValidationError without a reason."""
    require(May.REOPEN_WEEK, by)
    if not reason.strip():
        raise ValidationError({"reason": "Enter a reason for reopening the week."})
    meeting = lock(by.practice, week)
    if not meeting.is_closed:
        return meeting
    meeting.closed_at = None
    meeting.closed_by = None
    cancel(_recaps(meeting))
    meeting.reopened_at = timezone.now()
    meeting.reopened_by = by.user
    meeting.reopened_because = reason.strip()
    return changed(meeting)


def _queue_recaps(practice: Practice, meeting: Meeting, now: datetime) -> None:
    readers = practice.staff.seated().filter(wants_recap=True).order_by("name", "pk")
    about = f"{meeting.pk}:{meeting.revision}"
    enqueue(
        to_staff(pk, kind=Message.Kind.RECAP, about=about, now=now, meeting=meeting.pk)
        for pk in readers.values_list("pk", flat=True)
    )


def _recaps(meeting: Meeting) -> MessageQuerySet:
    of_meeting = f"{Message.Kind.RECAP}:{meeting.pk}:"
    return Message.objects.filter(kind=Message.Kind.RECAP, key__startswith=of_meeting)


def _check_week(by: Seat, week: Week, today: date) -> None:
    if week.sunday >= today:
        raise ValidationError("This week has not ended yet. Its meeting is after it.")
    if not by.practice.has_begun_by(week):
        raise ValidationError(f"{by.practice.name} had not started yet in this week.")


def _started(by: Seat, week: Week, today: date) -> Meeting:
    meeting = open_for(by, week, today)
    if meeting.started_at is None:
        raise ValidationError("The meeting has not been started yet.")
    return meeting


def _stop(meeting: Meeting, now: datetime) -> None:
    if meeting.running_since is None:
        return
    taken = f"spent_{meeting.part}"
    setattr(meeting, taken, meeting.seconds(Meeting.Part(meeting.part), now))
    meeting.running_since = None
