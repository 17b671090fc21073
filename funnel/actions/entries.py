from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import F, Q, Subquery
from django.utils import timezone

from funnel.access import May, Seat, Standing, require
from funnel.actions import meetings, webhooks
from funnel.actions.refusals import Closed, ConfirmationRequired, VersionConflict
from funnel.actions.writing import writes
from funnel.domain import numbers, plausible
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.periods import average
from funnel.domain.weeks import Week
from funnel.models import KPI, Meeting, Message, Place, Practice, WeeklyEntry

# The history truncates the reason, which is stored in full in its own field.
CHANGE_REASON_LENGTH = 100
BATCH = 500
# Columns of an update.
WRITTEN = (
    "value",
    "note",
    "reason",
    "version",
    "entered_at",
    "entered_by",
    "entered_for",
    "is_corrected",
    "seen_value",
)


@writes
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
    """Save or correct a number of `by.kpi`; `version` is the one shown, None if none.

    `reason` is stored only where required. Raises Closed, VersionConflict, and, unless `confirmed`,
    ConfirmationRequired.
    """
    require(May.ENTER_NUMBER, by)
    _check(by, week, value)
    meeting = meetings.lock(by.seat.practice, week)
    near = _entries_near(by, week)
    stored = next((e for e in near if (e.kpi_id, e.week) == (by.kpi.pk, week.monday)), None)
    note, reason = note.strip(), reason.strip()
    if not is_news(
        by=by,
        meeting=meeting,
        stored=stored,
        value=value,
        note=note,
        reason=reason,
        version=version,
    ):
        return stored  # type: ignore[return-value]
    is_new_value = stored is None or stored.value != value
    if is_new_value and not confirmed:
        earlier = [e.value for e in near if e.kpi_id == by.kpi.pk and e.week < week.monday]
        before = next((e for e in near if e.kpi_id != by.kpi.pk), None)
        check_probable(
            by,
            value,
            earlier=earlier,
            stage_before=before.value if before else None,
            before_name=before.kpi.name if before else "",
        )

    entry = stored or WeeklyEntry(
        practice=by.seat.practice, kpi=by.kpi, week=week.monday, version=0
    )
    if meeting.was_closed:
        mark_correction(entry, value)
    fill(entry, by=by, value=value, note=note, reason=reason, now=timezone.now())
    # The foreign keys were just read, and the lock ensures uniqueness.
    entry.clean_fields(exclude=["practice", "kpi", "entered_by", "entered_for"])
    entry.save()
    entry.is_new = stored is None
    if meeting.is_listened:
        announce(by.seat, [(by, entry)], entry.entered_at)
    return entry


def is_news(
    *,
    by: Standing,
    meeting: Meeting,
    stored: WeeklyEntry | None,
    value: Decimal,
    note: str,
    reason: str,
    version: int | None,
) -> bool:
    """Whether anything changes; `meeting` must be locked.

    Raises Closed, VersionConflict, ValidationError. No query.
    """
    if meeting.is_closed:
        raise Closed({"value": "This week is closed. A manager can reopen it, with a reason."})
    if stored is not None and (stored.value, stored.note) == (value, note):
        return False
    if stored is not None and stored.version != version:
        raise VersionConflict(stored)
    if by.needs_reason and not reason:
        raise ValidationError({"reason": "Enter the reason why you enter it for the owner."})
    return True


def announce(by: Seat, saved: Iterable[tuple[Standing, WeeklyEntry]], now: datetime) -> None:
    """Queue webhooks without note and reason: free text stays in the practice. Two statements."""
    announcements = [
        webhooks.Announcement(
            event=Message.Event.ENTRY,
            key=f"entry:{entry.pk}:{entry.version}",
            data={
                "kpi": standing.kpi.slug,
                "week": str(Week(entry.week)),
                "value": entry.value,
                "version": entry.version,
                "entered_by": by.name,
            },
        )
        for standing, entry in saved
    ]
    webhooks.announce(practice=by.practice, announcements=announcements, now=now)


def fill(
    entry: WeeklyEntry, *, by: Standing, value: Decimal, note: str, reason: str, now: datetime
) -> None:
    """Fill in the next version, unsaved."""
    entry.value = value
    entry.note = note
    entry.reason = reason if by.needs_reason else ""
    entry.version += 1
    entry.entered_at = now
    entry.entered_by = by.seat.user
    entry.entered_for = None if by.seat.is_me(by.owner) else by.owner
    entry._change_reason = entry.reason[:CHANGE_REASON_LENGTH] or None
    entry._history_user = by.seat.user


def mark_correction(entry: WeeklyEntry, value: Decimal) -> None:
    """Store the value seen before a closed week changes."""
    seen = entry.seen_value if entry.is_corrected else entry.value
    entry.is_corrected = value != seen
    entry.seen_value = seen if entry.is_corrected else None


def _check(by: Standing, week: Week, value: Decimal) -> None:
    if sentence := refusal(by.kpi, by.seat.practice, week, value, today=by.day):
        raise ValidationError({"value": sentence})


def refusal(kpi: KPI, practice: Practice, week: Week, value: Decimal, *, today: date) -> str | None:
    """Return why the KPI refuses the number, or None."""
    if kpi.is_archived and not kpi.is_reviewed_in(week):
        return f"{kpi.name} is archived: no numbers can be entered."
    if kpi.is_calculated:
        return f"{kpi.name} is calculated from other numbers: it cannot be entered."
    if week.is_future(today):
        return "This week has not started yet."
    if not practice.has_begun_by(week):
        return f"{practice.name} had not started yet in this week."
    if not value.is_finite():
        return numbers.NOT_A_NUMBER
    if value < 0:
        return numbers.NEGATIVE
    if value > numbers.MAX_VALUE:
        return numbers.TOO_LARGE
    if kpi.is_whole and value != value.to_integral_value():
        return f"{kpi.name} is a count: enter a whole number."
    return None


def _entries_near(by: Standing, week: Week) -> Sequence[WeeklyEntry]:
    """Of the week, 13 full weeks before and the previous stage. One query."""
    stages = Place.objects.in_force(week.monday).order_by()
    stages = stages.filter(lineup__practice=by.seat.practice.pk, is_stage=True)
    # Stages come first and have no gaps.
    mine = stages.filter(kpi=by.kpi.pk).values(before=F("position") - 1)
    before = stages.filter(position=Subquery(mine)).values("kpi")
    own = WeeklyEntry.objects.between(week.plus(-WEEKS_BEFORE).monday, week.monday)
    short = by.seat.practice.short_weeks.order_by().values("week")
    own = own.filter(Q(week=week.monday) | ~Q(week__in=short))
    near = own.filter(kpi=by.kpi.pk) | WeeklyEntry.objects.filter(
        kpi=Subquery(before), week=week.monday
    )
    return list(near.select_related("kpi"))


def check_probable(
    by: Standing,
    value: Decimal,
    *,
    earlier: Sequence[Decimal],
    stage_before: Decimal | None,
    before_name: str,
) -> None:
    """Raises ConfirmationRequired for outliers and above the previous stage."""
    sentence = plausible.doubt(
        value,
        average=average(earlier),
        stage_before=stage_before,
        name=by.kpi.name,
        before_name=before_name,
        unit=by.kpi.unit,
        currency=by.seat.practice.currency,
    )
    if sentence:
        raise ConfirmationRequired(sentence)


def update_all(changed: Sequence[WeeklyEntry], now: datetime) -> None:
    """Two statements; `bulk_update` is slower."""
    if changed:
        WeeklyEntry.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=WRITTEN,
        )
        WeeklyEntry.history.bulk_history_create(
            changed, batch_size=BATCH, update=True, default_date=now
        )
