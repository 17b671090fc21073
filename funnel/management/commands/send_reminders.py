"""Run every hour; before a meeting, each missing number is asked for."""

import logging
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from traceback import format_tb
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from funnel.access_links import sign_link
from funnel.actions import reminders
from funnel.actions.letters import Letter
from funnel.domain.reminding import Kind, may_tell
from funnel.domain.weeks import Week, local_today
from funnel.models import Practice
from funnel.reports.entry.missing import Missing, Reader, build_missing

logger = logging.getLogger(__name__)

Letters = Mapping[int, Callable[[], Letter]]


class Command(BaseCommand):
    help = "Reminds owners by mail of the numbers their meeting still lacks, then tells managers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--now", help="the moment to go by, as in 2026-11-24T13:00Z; by default the clock's"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many would be told and send nothing"
        )

    def handle(self, *, now: str | None, dry_run: bool, **_: Any) -> None:
        moment = _moment(now) if now else timezone.now()
        told: Counter[Kind] = Counter()
        failed: list[str] = []
        for practice in Practice.objects.order_by("pk"):
            try:
                _remind(practice, moment, told, failed, dry_run=dry_run)
            except Exception as error:
                # Whatever it is: the other practices' staff are told all the same.
                _log(practice, error)
                failed.append(f"{practice.slug} ({type(error).__name__}, see the log)")
        owners, managers = told[Kind.FIRST] + told[Kind.SECOND], told[Kind.MANAGERS]
        self.stdout.write(
            f"{'Would remind' if dry_run else 'Reminded'} {owners} "
            f"{'person' if owners == 1 else 'people'} of missing numbers and "
            f"{'tell' if dry_run else 'told'} {managers} manager{pluralize(managers)}."
        )
        if failed:
            raise CommandError(
                f"Some mail did not go out, and will be tried again: {'; '.join(failed)}."
            )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError("Write --now as in 2026-11-24T13:00Z.") from error
    if moment.utcoffset() is None:
        raise CommandError("Say the time zone with --now, as in 2026-11-24T13:00Z.")
    return moment


def _remind(
    practice: Practice,
    moment: datetime,
    told: Counter[Kind],
    failed: list[str],
    *,
    dry_run: bool,
) -> None:
    """Counts who was told and notes who was not."""
    for week, kind, letters in _due(practice, moment):
        if dry_run:
            told[kind] += len(letters)
            continue
        try:
            posted = reminders.mail(week=week, kind=kind, letters=letters, now=moment)
        except OSError as error:
            failed.append(f"{practice.slug} {week} ({error})")
            continue
        told[kind] += posted.told
        failed += [f"{practice.slug} {week}, not to {who}" for who in posted.refused]


def _log(practice: Practice, error: Exception) -> None:
    """Where it happened, without the error's own words, which may hold somebody's address."""
    where = "".join(format_tb(error.__traceback__))
    logger.error("Reminders of %s: %s at\n%s", practice.slug, type(error).__name__, where)


def _due(practice: Practice, now: datetime) -> Iterator[tuple[Week, Kind, Letters]]:
    """Each kind that is to have gone out by now, and by staff id how its mail is written to each
    who may be told. Five queries, none where nothing is due."""
    today = local_today(now, practice.time_zone)
    week = Week.reporting(today)
    kinds = practice.reminders_of(week).due(now)
    if not kinds:
        return
    missing = build_missing(practice, week, today=today)
    most = practice.reminders_at_most
    for kind in kinds:
        readers = missing.managers if kind == Kind.MANAGERS else missing.owing
        write = _write_list if kind == Kind.MANAGERS else _write_reminder
        yield (
            week,
            kind,
            {
                reader.staff_id: partial(write, practice, missing, kind, reader)
                for reader in readers
                if may_tell(kind, told=reader.told, wish=reader.wish, most=most)
            },
        )


def _write_reminder(practice: Practice, missing: Missing, kind: Kind, reader: Reader) -> Letter:
    owed = [
        (one, _link("one-number", _token(missing.week, reader, one.kpi_id, one.holding)))
        for one in reader.owed
    ]
    return _write("reminder", practice, missing, reader, owed=owed, is_last=kind == Kind.SECOND)


def _write_list(practice: Practice, missing: Missing, _: Kind, reader: Reader) -> Letter:
    links = {
        "board": _link("dashboard", practice.slug, missing.week),
        "responsibilities": _link("responsibilities", practice.slug),
    }
    return _write("missing", practice, missing, reader, **links)


def _write(name: str, practice: Practice, missing: Missing, reader: Reader, **said: Any) -> Letter:
    said |= {
        "practice": practice.name,
        "missing": missing,
        "week": missing.week,
        "meeting": practice.meeting_at(missing.week),
        "reader": reader,
        "enter": _link("enter", practice.slug, missing.week),
        "mails": _link("mails", practice.slug),
    }
    with timezone.override(practice.zone):
        return Letter(
            subject=render_to_string(f"mail/{name}.subject.txt", said),
            text=render_to_string(f"mail/{name}.txt", said),
            html=render_to_string(f"mail/{name}.html", said),
        )


def _token(week: Week, reader: Reader, kpi_id: int, holding: tuple[int, int] | None) -> str:
    return sign_link(kpi_id=kpi_id, week=week, staff_id=reader.staff_id, holding=holding)


def _link(name: str, *args: Any) -> str:
    return settings.SITE_URL + reverse(name, args=args)
