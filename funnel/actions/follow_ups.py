from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.actions.refusals import Closed, VersionConflict
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import KPI, FollowUp, Staff

CLOSED = "This meeting is closed. Reopen it, or add the follow-up in the next one."


@writes
def promise(
    *,
    by: Seat,
    week: Week,
    text: str,
    owner: Staff,
    due_on: date,
    kpi: KPI | None = None,
) -> FollowUp:
    """Add a follow-up, or return an equal open one."""
    require(May.PROMISE, by)
    text = _one_line(text)
    _check(by, week, text, owner, due_on)
    if kpi is not None and kpi.practice_id != by.practice.pk:
        raise ValidationError({"kpi": "Choose a KPI of this practice."})
    meeting = meetings.lock(by.practice, week)
    if meeting.is_closed:
        raise Closed({"text": CLOSED})
    same = meeting.follow_ups.open().filter(text=text, owner=owner, due_on=due_on, kpi=kpi)
    if (stored := same.first()) is not None:
        return stored
    promised = FollowUp(
        practice=by.practice,
        meeting=meeting,
        kpi=kpi,
        text=text,
        owner=owner,
        due_on=due_on,
        version=0,
        promised_at=timezone.now(),
        promised_by=by.user,
    )
    meetings.changed(meeting)
    promised.is_new = True
    return _save(promised, by)


@writes
def change(
    *, by: Seat, follow_up: FollowUp, version: int | None, text: str, owner: Staff, due_on: date
) -> FollowUp:
    """Raises VersionConflict unless `version` is current."""
    require(May.CHANGE_FOLLOW_UP, by, of=follow_up.practice_id)
    text = _one_line(text)
    stored = _lock(follow_up)
    if (stored.text, stored.owner_id, stored.due_on) == (text, owner.pk, due_on):
        return stored
    if stored.version != version:
        raise VersionConflict(stored)
    if not stored.is_open:
        raise ValidationError({"text": "This follow-up is closed. Reopen it to change it."})
    _check(by, Week(stored.meeting.week), text, owner, due_on)
    stored.text, stored.owner, stored.due_on = text, owner, due_on
    return _save(stored, by)


@writes
def finish(*, by: Seat, follow_up: FollowUp) -> FollowUp:
    """Raises ValidationError if dropped."""
    require(May.FINISH_FOLLOW_UP, by, of=follow_up.practice_id)
    stored = _lock(follow_up)
    require(May.FINISH_FOLLOW_UP, by, allowed=by.may_finish(stored.owner_id))
    if stored.dropped_at is not None:
        raise ValidationError("Someone dropped it in the meantime. Reopen it to mark it as done.")
    if stored.done_at is not None:
        return stored
    stored.done_at, stored.done_by = timezone.now(), by.user
    return _save(stored, by)


@writes
def drop(*, by: Seat, follow_up: FollowUp, reason: str) -> FollowUp:
    """Raises ValidationError without reason and if done."""
    require(May.CHANGE_FOLLOW_UP, by, of=follow_up.practice_id)
    if not (reason := _one_line(reason)):
        raise ValidationError({"reason": "Enter a reason for dropping it."})
    stored = _lock(follow_up)
    if stored.done_at is not None:
        raise ValidationError({"reason": "It is done and cannot be dropped."})
    if stored.dropped_at is not None:
        return stored
    stored.dropped_at, stored.dropped_by = timezone.now(), by.user
    stored.dropped_because = reason
    return _save(stored, by)


@writes
def reopen(*, by: Seat, follow_up: FollowUp) -> FollowUp:
    """Reopen one done or dropped."""
    require(May.REOPEN_FOLLOW_UP, by, of=follow_up.practice_id)
    stored = _lock(follow_up)
    is_allowed = by.may_reopen(stored.owner_id, stored.done_by_id)
    require(May.REOPEN_FOLLOW_UP, by, allowed=is_allowed)
    if stored.is_open:
        return stored
    stored.done_at = stored.done_by = None
    stored.dropped_at = stored.dropped_by = None
    stored.dropped_because = ""
    return _save(stored, by)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _check(by: Seat, week: Week, text: str, owner: Staff, due_on: date) -> None:
    if not text:
        raise ValidationError({"text": "Enter what is to be done."})
    if owner.practice_id != by.practice.pk:
        raise ValidationError({"owner": "Choose someone of this practice."})
    if not owner.is_active or not owner.user.is_active:
        raise ValidationError({"owner": f"{owner.name} no longer works here."})
    if due_on < week.monday:
        raise ValidationError(
            {"due_on": "This day is before the week under review: choose a later one."}
        )


def _lock(follow_up: FollowUp) -> FollowUp:
    rows = FollowUp.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("meeting", "owner").get(pk=follow_up.pk)


def _save(follow_up: FollowUp, by: Seat) -> FollowUp:
    follow_up.version += 1
    # Checked by the callers; each would cost a query here.
    follow_up.full_clean(exclude=["practice", "meeting", "kpi", "owner", "promised_by"])
    follow_up._history_user = by.user
    follow_up.save()
    return follow_up
