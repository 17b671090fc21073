"""Recording the week's numbers: the one way a value gets in."""

from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from funnel.access import Standing
from funnel.actions import baselines, meetings, webhooks
from funnel.actions.refusals import Doubtful, SavedInBetween, refusing_when_busy
from funnel.domain import numbers, plausible
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.weeks import Week
from funnel.models import Delivery, WeeklyEntry

# The history's own column is shorter than the reason, which it keeps in full beside it.
CHANGE_REASON_LENGTH = 100


@refusing_when_busy()
@transaction.atomic
def record(
    *,
    by: Standing,
    week: Week,
    value: Decimal,
    note: str = "",
    reason: str = "",
    version: int | None = None,
    confirmed: bool = False,
) -> WeeklyEntry:
    """Saves the number of `by.kpi` for a week, or corrects it, and returns the entry as stored.

    `version` is that of the entry the person saw, None when they saw none. Sending what is
    already stored changes nothing, so repeating is safe. `reason` is kept only where one is due.

    Raises PermissionDenied unless `by` owns the KPI, stands in for its owner, or is a manager;
    ValidationError with the field for what cannot stand; SavedInBetween when the entry is no
    longer the one that was shown; Doubtful for an improbable value unless `confirmed`; Busy when
    the week stays locked by someone else.
    Four statements and the transaction's own two; two more for the first number of a week, and a
    few for one that moves limits that are kept (actions.baselines), as few numbers do; two where
    another program is told (actions.webhooks).
    """
    if not by.may_enter:
        raise PermissionDenied("Only its owner, a stand-in or a manager enters this number.")
    _check(by, week, value)
    meeting = meetings.lock(by.seat.practice, week)
    if meeting.is_closed:
        raise ValidationError(
            {"value": "This week is closed. A manager can open it again, with a reason."}
        )
    near = _entries_near(by, week)
    stored = next((e for e in near if (e.kpi_id, e.week) == (by.kpi.pk, week.monday)), None)
    note, reason = note.strip(), reason.strip()
    if stored is not None and (stored.value, stored.note) == (value, note):
        return stored
    if stored is not None and stored.version != version:
        raise SavedInBetween(stored)
    if by.needs_reason and not reason:
        raise ValidationError({"reason": "Say why you enter this number and not its owner."})
    is_new_value = stored is None or stored.value != value
    if is_new_value and not confirmed and (sentence := _doubt(by, week, value, near)):
        raise Doubtful(sentence)

    entry = stored or WeeklyEntry(
        practice=by.seat.practice, kpi=by.kpi, week=week.monday, version=0
    )
    if meeting.was_closed:
        _mark_correction(entry, value)
    entry.value = value
    entry.note = note
    entry.reason = reason if by.needs_reason else ""
    entry.version += 1
    entry.entered_at = timezone.now()
    entry.entered_by = by.seat.user
    entry.entered_for = None if by.seat.is_me(by.owner) else by.owner
    # Its own fields only: the rows it points to were just read, and the lock keeps it unique.
    entry.clean_fields(exclude=["practice", "kpi", "entered_by", "entered_for"])
    entry._change_reason = entry.reason[:CHANGE_REASON_LENGTH] or None
    entry._history_user = by.seat.user
    entry.save()
    if by.kpi.moves_limits(week):
        baselines.refresh(kpi_id=by.kpi.pk, week=week, today=by.day)
    if meeting.is_listened:
        _announce(by, week, entry)
    return entry


def _announce(by: Standing, week: Week, entry: WeeklyEntry) -> None:
    """Without the note and the reason: free text stays in the practice."""
    webhooks.announce(
        practice=by.seat.practice,
        event=Delivery.Event.ENTRY,
        key=f"entry:{entry.pk}:{entry.version}",
        now=entry.entered_at,
        said={
            "kpi": by.kpi.slug,
            "week": str(week),
            "value": entry.value,
            "version": entry.version,
            "entered_by": by.seat.name,
        },
    )


def _mark_correction(entry: WeeklyEntry, value: Decimal) -> None:
    """Keeps what the team saw beside a value that is other than that; not when it is that again."""
    seen = entry.seen_value if entry.is_corrected else entry.value
    entry.is_corrected = value != seen
    entry.seen_value = seen if entry.is_corrected else None


def _check(by: Standing, week: Week, value: Decimal) -> None:
    sentence = None
    if by.kpi.is_archived:
        sentence = f"{by.kpi.name} is archived and takes no numbers."
    elif by.kpi.is_calculated:
        sentence = f"{by.kpi.name} is calculated from other numbers and takes none itself."
    elif week.is_future(by.day):
        sentence = "This week has not begun yet."
    elif not by.seat.practice.has_begun_by(week):
        sentence = f"{by.seat.practice.name} had not begun yet in this week."
    elif not value.is_finite():
        sentence = numbers.NOT_A_NUMBER
    elif value < 0:
        sentence = numbers.NEGATIVE
    elif value > numbers.MAX_VALUE:
        sentence = numbers.TOO_LARGE
    elif by.kpi.is_whole and value != value.to_integral_value():
        sentence = f"{by.kpi.name} is a count: enter a whole number."
    if sentence:
        raise ValidationError({"value": sentence})


def _entries_near(by: Standing, week: Week) -> Sequence[WeeklyEntry]:
    """The KPI's entries of the week and the 13 before it, and the week's entry of the stage
    before. One query."""
    near = WeeklyEntry.objects.between(week.plus(-WEEKS_BEFORE).monday, week.monday)
    near = near.filter(kpi=by.kpi)
    # "OR kpi IS NULL" would make SQLite read the whole table.
    if by.kpi.before_id is not None:
        near |= WeeklyEntry.objects.filter(kpi=by.kpi.before_id, week=week.monday)
    return list(near)


def _doubt(by: Standing, week: Week, value: Decimal, near: Sequence[WeeklyEntry]) -> str | None:
    earlier = [e.value for e in near if e.kpi_id == by.kpi.pk and e.week < week.monday]
    return plausible.doubt(
        value,
        average=sum(earlier, Decimal(0)) / len(earlier) if earlier else None,
        stage_before=next((e.value for e in near if e.kpi_id != by.kpi.pk), None),
        name=by.kpi.name,
        before_name=by.kpi.before_name or "",
        unit=by.kpi.unit,
        currency=by.seat.practice.currency,
    )
