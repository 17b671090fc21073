"""Run once a day or more often; each practice is told once a week."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.utils import timezone

from funnel.actions import alarms
from funnel.domain.weeks import local_today
from funnel.models import Practice


class Command(BaseCommand):
    help = "Tells each practice's admins by mail, once a week, which KPIs no one owns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many would be told and send nothing"
        )

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        told: list[int] = []
        failed: list[str] = []
        for practice in Practice.objects.order_by("pk"):
            today = local_today(timezone.now(), practice.time_zone)
            try:
                told.append(alarms.mail_unowned(practice=practice, today=today, dry_run=dry_run))
            except OSError as error:
                # The other practices' admins are told all the same.
                failed.append(f"{practice.slug} ({error})")
        verb = "Would tell" if dry_run else "Told"
        admins, practices = sum(told), sum(count > 0 for count in told)
        self.stdout.write(
            f"{verb} {admins} admin{pluralize(admins)} at {practices} "
            f"practice{pluralize(practices)} which KPIs have no owner."
        )
        if failed:
            raise CommandError(
                f"The mail did not go out, and will be tried again: {', '.join(failed)}"
            )
