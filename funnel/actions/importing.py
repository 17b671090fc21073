from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from funnel.access import May, Seat, require
from funnel.actions import entries, imports, meetings, webhooks
from funnel.actions.writing import writing
from funnel.domain.import_plan import ImportOutcome, Key, PlannedNumber
from funnel.domain.weeks import Week
from funnel.models import Import, Meeting, Message, WeeklyEntry

Thing = TypeVar("Thing")

BATCH = 500
UNDONE = "Import of {file_name} undone"
STOPPED = "Some numbers of the file cannot be imported. Confirm that they are left out."
NOTHING = "There is nothing in the file to import."
CHANGED = "Changed since the import: {names}. Nothing was undone."
REVIEWED = "The week of {week} was closed since the import. Nothing was undone."
NOT_DONE = "This import is already undone."
SHOWN = 5


class PlanChanged(Exception):
    """The numbers changed since the preview."""


def apply(
    *, by: Seat, draft: Import, leaves_out: bool, today: date, reason: str = ""
) -> Iterator[int]:
    """Write the draft, yielding counts; committed at the end, nothing if stopped.

    `leaves_out` accepts refused numbers. Raises PlanChanged. About 20 statements, three per 500
    numbers.
    """
    with writing(by.practice.pk):
        locked = imports.lock(by, draft)
        said = imports.understood(by, locked, locked.grids(), today)
        shown = locked.planned()
        weeks = {Week.parse(line.week) for line in shown if line.is_written}
        if not weeks:
            raise ValidationError(NOTHING)
        if locked.stopped and not leaves_out:
            raise ValidationError(STOPPED)
        held = meetings.lock_all(by.practice, weeks)
        lines, present = imports.plan(by, locked, said.found, today)
        if lines != shown:
            raise PlanChanged
        now = timezone.now()
        locked.reason = reason.strip() or locked.reason
        _reopen(by, lines, held, locked.correcting, now)
        done = 0
        for batch in _batches([line for line in lines if line.is_written]):
            _write(by, locked, batch, present, held, now)
            done += len(batch)
            yield done
        locked.done_at, locked.done_by = now, by.user
        locked.cells = b""
        locked.full_clean(exclude=["practice", "made_by", "done_by"])
        locked.save()
        _announce(by, locked, lines, now)


def undo(*, by: Seat, done: Import, today: date) -> Iterator[int]:
    """Restore the values before. Raises ValidationError if a number changed or a week was closed
    since.
    """
    with writing(by.practice.pk):
        require(May.IMPORT, by)
        rows = Import.objects.done().filter(practice=by.practice, undone_at=None)
        locked = rows.select_for_update().filter(pk=done.pk).first()
        if locked is None or locked.done_at is None:
            raise ValidationError(NOT_DONE)
        lines = [line for line in locked.planned() if line.is_written]
        held = meetings.lock_all(by.practice, {Week.parse(line.week) for line in lines})
        _check_reviews(held, locked.done_at)
        present = imports.Present.of(by, [Week.parse(line.week) for line in lines], today)
        _check_unchanged(lines, present, locked.done_at)
        now = timezone.now()
        reason = UNDONE.format(file_name=locked.file_name)[: entries.CHANGE_REASON_LENGTH]
        count = 0
        for batch in _batches(lines):
            _restore(by, [line for line in batch if line.version], present, held, now, reason)
            _take_away(by, [line for line in batch if not line.version], present, now, reason)
            count += len(batch)
            yield count
        locked.undone_at, locked.undone_by = now, by.user
        locked.full_clean(exclude=["practice", "made_by", "done_by", "undone_by"])
        locked.save()
        _announce(by, locked, lines, now)


def _announce(by: Seat, done: Import, lines: Iterable[PlannedNumber], now: datetime) -> None:
    """One for all: receivers query details."""
    weeks = sorted({line.week for line in lines if line.is_written})
    announcement = webhooks.Announcement(
        event=Message.Event.IMPORTED,
        key=f"import:{done.pk}:{'undone' if done.is_undone else 'done'}",
        data={
            "numbers": done.written,
            "from": weeks[0],
            "to": weeks[-1],
            "undone": done.is_undone,
            "imported_by": by.name,
        },
    )
    webhooks.announce(practice=by.practice, announcements=[announcement], now=now)


def _reopen(
    by: Seat,
    lines: Iterable[PlannedNumber],
    held: Mapping[date, Meeting],
    because: str,
    now: datetime,
) -> None:
    """Sends no recap."""
    mondays = {Week.parse(line.week).monday for line in lines if line.is_closed and line.is_written}
    corrected = [held[monday] for monday in sorted(mondays)]
    for meeting in corrected:
        meeting.reopened_at, meeting.reopened_by = now, by.user
        meeting.reopened_because = because
        meeting.revision += 1
    changed = ["reopened_at", "reopened_by", "reopened_because", "revision"]
    Meeting.objects.bulk_update(corrected, changed, batch_size=BATCH)


def _write(
    by: Seat,
    draft: Import,
    lines: Sequence[PlannedNumber],
    present: imports.Present,
    held: Mapping[date, Meeting],
    now: datetime,
) -> None:
    there = WeeklyEntry.objects.in_bulk([present.ids[_key(x)] for x in lines if x.version])
    new, changed = [], []
    for line in lines:
        slug, monday = key = _key(line)
        standing, meeting = present.standings[slug], held[monday]
        value = Decimal(line.value)
        if line.kind is ImportOutcome.CHANGED:
            entry = there[present.ids[key]]
            changed.append(entry)
        else:
            entry = WeeklyEntry(practice=by.practice, kpi=standing.kpi, week=monday, version=0)
            new.append(entry)
        if meeting.is_closed or meeting.was_closed:
            entries.mark_correction(entry, value)
        reason = draft.correcting if line.is_closed else draft.reason
        entries.fill(entry, by=standing, value=value, note=line.note, reason=reason, now=now)
    bulk_create_with_history(new, WeeklyEntry, batch_size=BATCH, default_date=now)
    entries.update_all(changed, now)


def _check_reviews(held: Mapping[date, Meeting], done_at: datetime) -> None:
    for monday, meeting in held.items():
        if any(at and at > done_at for at in (meeting.closed_at, meeting.reopened_at)):
            raise ValidationError(REVIEWED.format(week=Week(monday).label))


def _check_unchanged(
    lines: Iterable[PlannedNumber], present: imports.Present, done_at: datetime
) -> None:
    """Changing back confirms a number, so the time counts."""
    changed = []
    for line in lines:
        stored = present.stored.get(_key(line))
        said = (Decimal(line.value), line.note, done_at)
        if stored is None or (stored.value, stored.note, stored.entered_at) != said:
            changed.append(f"{line.name} of {Week.parse(line.week).label}")
    if changed:
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        raise ValidationError(CHANGED.format(names="; ".join(changed[:SHOWN]) + more))


def _restore(
    by: Seat,
    lines: Sequence[PlannedNumber],
    present: imports.Present,
    held: Mapping[date, Meeting],
    now: datetime,
    reason: str,
) -> None:
    ids = {present.ids[_key(line)]: line for line in lines}
    there = WeeklyEntry.objects.in_bulk(list(ids))
    versions = {line.version for line in lines}
    kept = WeeklyEntry.history.filter(id__in=list(ids), version__in=versions)
    earlier = {(row.id, row.version): row for row in kept}
    for pk, line in ids.items():
        entry, value = there[pk], Decimal(line.was)
        meeting = held[Week.parse(line.week).monday]
        if meeting.is_closed or meeting.was_closed:
            entries.mark_correction(entry, value)
        standing = present.standings[line.slug]
        note = line.was_note
        entries.fill(entry, by=standing, value=value, note=note, reason=reason, now=now)
        if row := earlier.get((pk, line.version)):
            entry.reason = row.reason
            entry.entered_at = row.entered_at
            entry.entered_by_id = row.entered_by_id
            entry.entered_for_id = row.entered_for_id
        entry._history_user, entry._change_reason = by.user, reason
    entries.update_all([there[pk] for pk in ids], now)


def _take_away(
    by: Seat, lines: Sequence[PlannedNumber], present: imports.Present, now: datetime, reason: str
) -> None:
    """In bulk: Django would query each."""
    rows = WeeklyEntry.objects.filter(pk__in=[present.ids[_key(line)] for line in lines])
    history = WeeklyEntry.history.model
    gone = [
        history(
            history_date=now,
            history_user=by.user,
            history_change_reason=reason,
            history_type="-",
            **{field.attname: getattr(row, field.attname) for field in history.tracked_fields},
        )
        for row in rows
    ]
    history.objects.bulk_create(gone, batch_size=BATCH)
    rows._raw_delete(rows.db)


def _key(line: PlannedNumber) -> Key:
    return line.slug, Week.parse(line.week).monday


def _batches(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    rest = iter(things)
    while batch := list(islice(rest, BATCH)):
        yield batch
