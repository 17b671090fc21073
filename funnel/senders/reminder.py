from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from funnel.access_links import sign_link
from funnel.actions import reminders
from funnel.domain.reminding import ReminderKind, may_tell
from funnel.domain.weeks import Week, local_today
from funnel.models import Message, Practice, Staff
from funnel.outbox.mail import Letter
from funnel.reports.entry.missing import MissingReport, Recipient, build_missing
from funnel.senders.letters import render
from funnel.senders.links import link


def plan(practice: Practice, now: datetime) -> None:
    """Queue due reminders. Five queries and three statements per kind, none if not due."""
    week, kinds = _due(practice, now)
    if not kinds:
        return
    missing = _missing(practice, week, now)
    for kind in kinds:
        readers = [
            reader
            for reader in _readers(missing, kind)
            if may_tell(kind, told=reader.told, wish=reader.wish, most=practice.reminders_at_most)
        ]
        reminders.queue(week=week, kind=kind, staff_ids=[it.staff_id for it in readers], now=now)


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """None if started, entered or unwanted, without counting towards the limit. Six queries."""
    person, kind, week = message.staff, ReminderKind(body["reminder"]), Week.parse(body["week"])
    assert person is not None  # noqa: S101 - a constraint of the model
    letter = _letter(person, kind, week, now) if person.is_seated else None
    if letter is None:
        reminders.forget(staff_id=person.pk, week=week, kind=kind)
    return letter


def _letter(person: Staff, kind: ReminderKind, week: Week, now: datetime) -> Letter | None:
    practice = person.practice
    due_week, kinds = _due(practice, now)
    if due_week != week or kind not in kinds:
        return None
    missing = _missing(practice, week, now)
    found = (it for it in _readers(missing, kind) if it.staff_id == person.pk)
    reader = next(found, None)
    if reader is None or not may_tell(
        kind, told=reader.told - {kind}, wish=reader.wish, most=practice.reminders_at_most
    ):
        return None
    write_one = _write_list if kind == ReminderKind.MANAGERS else _write_reminder
    return write_one(practice, missing, kind, reader)


def _due(practice: Practice, now: datetime) -> tuple[Week, tuple[ReminderKind, ...]]:
    """The reported week and due kinds."""
    week = Week.reporting(local_today(now, practice.time_zone))
    return week, practice.reminders_of(week).due(now)


def _missing(practice: Practice, week: Week, now: datetime) -> MissingReport:
    return build_missing(practice, week, today=local_today(now, practice.time_zone))


def _readers(missing: MissingReport, kind: ReminderKind) -> Iterator[Recipient]:
    yield from missing.managers if kind == ReminderKind.MANAGERS else missing.owing


def _write_reminder(
    practice: Practice, missing: MissingReport, kind: ReminderKind, reader: Recipient
) -> Letter:
    owed = [
        (one, link("one-number", _token(missing.week, reader, one.kpi_id, one.holding)))
        for one in reader.owed
    ]
    return _write(
        "reminder", practice, missing, reader, owed=owed, is_last=kind == ReminderKind.SECOND
    )


def _write_list(
    practice: Practice, missing: MissingReport, _: ReminderKind, reader: Recipient
) -> Letter:
    links = {
        "board": link("dashboard", practice.slug, missing.week),
        "responsibilities": link("responsibilities", practice.slug),
    }
    return _write("missing", practice, missing, reader, **links)


def _write(
    name: str, practice: Practice, missing: MissingReport, reader: Recipient, **context: Any
) -> Letter:
    return render(
        name,
        practice,
        practice=practice.name,
        missing=missing,
        week=missing.week,
        meeting=practice.meeting_at(missing.week),
        reader=reader,
        enter=link("enter", practice.slug, missing.week),
        mails=link("mails", practice.slug),
        **context,
    )


def _token(week: Week, reader: Recipient, kpi_id: int, holding: tuple[int, int] | None) -> str:
    return sign_link(kpi_id=kpi_id, week=week, staff_id=reader.staff_id, holding=holding)
