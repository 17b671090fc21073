"""Several runners may run, on any hosts."""

import logging
import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connection
from django.utils import timezone

from funnel import jobs
from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS

logger = logging.getLogger(__name__)

TICK_SECONDS = 5.0


class Command(BaseCommand):
    help = "Runs the repeating jobs, such as sending mails, until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run the due jobs once, and exit")
        parser.add_argument(
            "--with-parent", type=int, help="exit when this process is no longer the parent"
        )

    def handle(self, *, once: bool, with_parent: int | None, **_: Any) -> None:
        stopped = jobs.stopping
        stopped.clear()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
        is_registered = False
        while not stopped.is_set():
            try:
                if not is_registered:
                    register(jobs=JOBS, now=timezone.now())
                    is_registered = True
                jobs.run_due(timezone.now, jobs.RUNS, JOBS)
            except Error as error:
                # Checked again at the next tick.
                logger.error("The database does not answer: %s", type(error).__name__)
                connection.close()
            if once or (with_parent and os.getppid() != with_parent):
                break
            stopped.wait(TICK_SECONDS)
