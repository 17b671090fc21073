"""The weekly review of a practice's week: its clock, closing it and opening it again."""

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
from funnel.models import Delivery, Meeting, Practice, Snapshot, Webhook

BATCH = 500
CLOSED = "This meeting is closed. A manager can open it again, with a reason."


def lock(practice: Practice, week: Week) -> Meeting:
    """The week's Meeting, made on demand and locked until the transaction ends.

    Every write to a week takes this lock first, so that closing it and saving into it cannot
    cross. Raises TransactionManagementError outside a transaction (PostgreSQL). One query, three
    the first time.
    """
    locked = _locked(practice).filter(week=week.monday)
    meeting = locked.first()
    if meeting is None:
        # Two first writers at once: the second insert waits for the first and then does nothing.
        Meeting.objects.bulk_create(
            [Meeting(practice=practice, week=week.monday)], ignore_conflicts=True
        )
        meeting = locked.get()
    return meeting


def lock_all(practice: Practice, weeks: Collection[Week]) -> dict[date, Meeting]:
    """As `lock`, for many weeks at once: by Monday, locked in the order of their weeks, so that two
    who lock some of the same wait for each other and do not block each other. Three statements."""
    mondays = sorted(week.monday for week in weeks)
    Meeting.objects.bulk_create(
        [Meeting(practice=practice, week=monday) for monday in mondays],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    rows = _locked(practice).filter(week__in=mondays).order_by("week")
    return {meeting.week: meeting for meeting in rows}


def _locked(practice: Practice) -> QuerySet[Meeting]:
    """The practice's meetings, to be locked, each with `.is_listened`: whether another program is
    told of what happens there."""
    hooks = Webhook.objects.listening().filter(practice=OuterRef("practice"))
    rows = Meeting.objects.select_for_update().filter(practice=practice)
    return rows.annotate(is_listened=Exists(hooks))  # type: ignore[no-redef]


def check_open(practice: Practice, from_week: Week) -> None:
    """Locks the week, for a change that holds from it on. Raises ValidationError (`from_week`)
    where it or a later week is closed: a closed week keeps what it was judged by."""
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
    """The week's Meeting, locked, for whoever runs it, to be changed and given to `changed`.

    Raises PermissionDenied unless `by` is a manager; ValidationError while the week is not over or
    had none, and once the meeting is closed.
    """
    require(May.RUN_MEETING, by)
    _check_week(by, week, today)
    meeting = lock(by.practice, week)
    if meeting.is_closed:
        raise ValidationError(CLOSED)
    return meeting


def changed(meeting: Meeting) -> Meeting:
    """Saves the meeting and counts the change, by which other screens see that there is one."""
    meeting.revision += 1
    meeting.full_clean(exclude=["practice", "started_by", "closed_by", "reopened_by"])
    meeting.save()
    return meeting


@writes
def start(*, by: Seat, week: Week, today: date) -> Meeting:
    """Begins the meeting with the first part and sets its clock going; a started one stays as it
    is. Raises as `open_for`, and Busy."""
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
    """Goes to a part; what the one before took is kept, and the clock runs or stands as it did.

    Raises as `open_for`; ValidationError (`part`) for no such part, and before the start; Busy.
    """
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
    """Stops the clock; a stopped one stays stopped. Raises as `turn_to`."""
    meeting = _started(by, week, today)
    if meeting.running_since is None:
        return meeting
    _stop(meeting, timezone.now())
    return changed(meeting)


@writes
def resume(*, by: Seat, week: Week, today: date) -> Meeting:
    """Sets the clock going again; a running one runs on. Raises as `turn_to`."""
    meeting = _started(by, week, today)
    if meeting.running_since is not None:
        return meeting
    meeting.running_since = timezone.now()
    return changed(meeting)


@writes
def close(*, by: Seat, week: Week, today: date, seen: Callable[[], dict[str, Any]]) -> Meeting:
    """Closes the week: nobody can change its numbers until it is reopened, and a recap is due.

    `seen` tells the board as the team saw it, for JSON; it is asked under the week's lock, so that
    no number comes in between, and kept at the first close only. Closing a closed week changes
    nothing. The practice's webhooks are told. Raises PermissionDenied unless `by` is a manager,
    ValidationError while the week is not over, Busy.
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
    meeting.recap_is_due = True
    changed(meeting)
    if not Snapshot.objects.filter(meeting=meeting).exists():
        Snapshot.objects.create(meeting=meeting, board=seen(), taken_at=now, taken_by=by.user)
    if meeting.is_listened:
        message = webhooks.Message(
            event=Delivery.Event.CLOSED,
            key=f"week:{meeting.pk}:{meeting.revision}",
            said={"week": str(week), "closed_by": by.name},
        )
        webhooks.announce(practice=by.practice, messages=[message], now=now)
    return meeting


@writes
def reopen(*, by: Seat, week: Week, reason: str) -> Meeting:
    """Opens a closed week for corrections and keeps who did, when and why.

    Reopening an open week changes nothing. Raises PermissionDenied unless `by` is a manager,
    ValidationError (`reason`) without a reason, Busy.
    """
    require(May.REOPEN_WEEK, by)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the week is opened again."})
    meeting = lock(by.practice, week)
    if not meeting.is_closed:
        return meeting
    meeting.closed_at = None
    meeting.closed_by = None
    meeting.recap_is_due = False
    meeting.reopened_at = timezone.now()
    meeting.reopened_by = by.user
    meeting.reopened_because = reason.strip()
    return changed(meeting)


def _check_week(by: Seat, week: Week, today: date) -> None:
    if week.sunday >= today:
        raise ValidationError("This week is not over yet. Its meeting comes after it.")
    if not by.practice.has_begun_by(week):
        raise ValidationError(f"{by.practice.name} had not begun yet in this week.")


def _started(by: Seat, week: Week, today: date) -> Meeting:
    meeting = open_for(by, week, today)
    if meeting.started_at is None:
        raise ValidationError("The meeting has not been started yet.")
    return meeting


def _stop(meeting: Meeting, now: datetime) -> None:
    """Adds what the running part took so far to what it has taken, and stops the clock."""
    if meeting.running_since is None:
        return
    taken = f"spent_{meeting.part}"
    setattr(meeting, taken, meeting.seconds(Meeting.Part(meeting.part), now))
    meeting.running_since = None
