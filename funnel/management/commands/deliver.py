"""A single run, for cron."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from funnel import jobs
from funnel.outbox.delivery import waiting_at
from funnel.outbox.outcome import Result

FAILURES = (Result.REFUSED, Result.LOST, Result.UNREACHED)


class Command(BaseCommand):
    help = "Queues the mails and webhook calls that are due, and sends them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--now", help="the time to use, as in 2026-11-24T13:00Z; by default the current time"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show how many messages would be sent, and send nothing",
        )

    def handle(self, *, now: str | None, dry_run: bool, **_: Any) -> None:
        clock = _fixed(now) if now else timezone.now
        if dry_run:
            with transaction.atomic():
                jobs.everything(clock, sends=False)
                count = waiting_at(clock())
                transaction.set_rollback(True)
            self.stdout.write(f"Would send {count}.")
            return
        results = jobs.everything(clock)
        failed = sum(results.get(result, 0) for result in FAILURES)
        left = waiting_at(clock())
        self.stdout.write(
            f"Sent {results.get(Result.DELIVERED, 0)}, "
            f"cancelled {results.get(Result.CANCELLED, 0)}, failed {failed}"
            + (f"; {left} wait for the next run." if left else ".")
        )
        if failed:
            raise CommandError("Some messages were not sent and will be retried.")


def _fixed(text: str) -> Callable[[], datetime]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError("Write --now as in 2026-11-24T13:00Z.") from error
    if moment.utcoffset() is None:
        raise CommandError("State the time zone with --now, as in 2026-11-24T13:00Z.")
    return lambda: moment
