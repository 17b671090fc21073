"""Recording the week's numbers: the one way a value gets in."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import F, Q, Subquery
from django.utils import timezone

from funnel.access import May, Seat, Standing, require
from funnel.actions import meetings, webhooks
from funnel.actions.refusals import Closed, Doubtful, SavedInBetween
from funnel.actions.writing import writes
from funnel.domain import numbers, plausible
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.periods import average
from funnel.domain.weeks import Week
from funnel.models import KPI, Delivery, Meeting, Place, Practice, WeeklyEntry

# The history's own column is shorter than the reason, which it keeps in full beside it.
CHANGE_REASON_LENGTH = 100
BATCH = 500
# What is written into a row that is there.
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
    """Saves the number of `by.kpi` for a week, or corrects it, and returns the entry as stored.

    `version` is that of the entry the person saw, None when they saw none. Sending what is
    already stored changes nothing, so repeating is safe. `reason` is kept only where one is due.

    Raises PermissionDenied unless `by` owns the KPI, stands in for its owner, or is a manager;
    ValidationError with the field for what cannot stand, Closed for a closed week; SavedInBetween
    when the entry is no longer the one that was shown; Doubtful for an improbable value unless
    `confirmed`; Busy when the week stays locked by someone else.
    Four statements and the transaction's own two; two more for the first number of a week, and two
    where another program is notified (actions.webhooks).
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
    # Its own fields only: the rows it points to were just read, and the lock keeps it unique.
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
    """Whether there is anything to save, as the week's locked meeting and its stored number are;
    False where the same stands there. Raises Closed, SavedInBetween and ValidationError
    (`reason`). No query."""
    if meeting.is_closed:
        raise Closed({"value": "This week is closed. A manager can open it again, with a reason."})
    if stored is not None and (stored.value, stored.note) == (value, note):
        return False
    if stored is not None and stored.version != version:
        raise SavedInBetween(stored)
    if by.needs_reason and not reason:
        raise ValidationError({"reason": "Say why you enter this number and not its owner."})
    return True


def announce(by: Seat, saved: Iterable[tuple[Standing, WeeklyEntry]], now: datetime) -> None:
    """Tells the programs that listen of numbers that were saved: without the note and the reason,
    for free text stays in the practice. Two statements."""
    messages = [
        webhooks.Message(
            event=Delivery.Event.ENTRY,
            key=f"entry:{entry.pk}:{entry.version}",
            said={
                "kpi": standing.kpi.slug,
                "week": str(Week(entry.week)),
                "value": entry.value,
                "version": entry.version,
                "entered_by": by.name,
            },
        )
        for standing, entry in saved
    ]
    webhooks.announce(practice=by.practice, messages=messages, now=now)


def fill(
    entry: WeeklyEntry, *, by: Standing, value: Decimal, note: str, reason: str, now: datetime
) -> None:
    """Puts the next version of a number into its row, and who entered it for whom; saves
    nothing."""
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
    """Keeps what the team saw beside a value that is other than that; not when it is that again.
    For a week that was closed once, before the row takes the value."""
    seen = entry.seen_value if entry.is_corrected else entry.value
    entry.is_corrected = value != seen
    entry.seen_value = seen if entry.is_corrected else None


def _check(by: Standing, week: Week, value: Decimal) -> None:
    if sentence := refusal(by.kpi, by.seat.practice, week, value, today=by.day):
        raise ValidationError({"value": sentence})


def refusal(kpi: KPI, practice: Practice, week: Week, value: Decimal, *, today: date) -> str | None:
    """Why the KPI takes no such number of that week, whoever enters it; None where it does."""
    if kpi.is_archived and not kpi.is_reviewed_in(week):
        return f"{kpi.name} is archived and takes no numbers."
    if kpi.is_calculated:
        return f"{kpi.name} is calculated from other numbers and takes none itself."
    if week.is_future(today):
        return "This week has not begun yet."
    if not practice.has_begun_by(week):
        return f"{practice.name} had not begun yet in this week."
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
    """The KPI's entries of the week and of those of the 13 before it that are not short, and the
    week's entry of the stage before it in the funnel of that week. One query."""
    stages = Place.objects.in_force(week.monday).order_by()
    stages = stages.filter(lineup__practice=by.seat.practice.pk, is_stage=True)
    # The stages come first and have no gaps.
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
    """Raises Doubtful for a value that is far from those of the 13 weeks before, or above the
    number of the stage before in the same week, whose name is `before_name`. No query."""
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
        raise Doubtful(sentence)


def update_all(changed: Sequence[WeeklyEntry], now: datetime) -> None:
    """Saves many filled rows that are there, with their history: one statement each for many
    rows of different values, which `bulk_update` takes long for."""
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
