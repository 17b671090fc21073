from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from funnel.demo.building import build
from funnel.demo.plots import GROUP, plots
from funnel.domain.weeks import Week, local_today
from funnel.models import Practice, User
from funnel.reports.board.board import build_board
from funnel.reports.board.snapshot import freeze

PASSWORD = "weekly-demo-1"  # noqa: S105 - public on purpose
ROOT = "root@example.com"
ACCOUNTS = ("marketing", "frontdesk", "coordinator", "doctor", "viewer", "manager", "admin")
MOST_WEEKS = 1040


class Command(BaseCommand):
    help = "Adds made-up practices with their people, owners, targets and weeks of numbers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--weeks", type=int, default=60, help="completed weeks of numbers")
        parser.add_argument("--practices", type=int, default=2)
        parser.add_argument("--seed", type=int, default=1, help="another seed, other numbers")
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            help="the last day of the data, as in 2026-11-24; by default the practice's today",
        )

    def handle(
        self, *, weeks: int, practices: int, seed: int, today: date | None, **_: Any
    ) -> None:
        if not 1 <= weeks <= MOST_WEEKS:
            raise CommandError(f"Choose between 1 and {MOST_WEEKS} weeks.")
        if practices < 1:
            raise CommandError("Choose at least one practice.")
        root = self._root()
        present = set(Practice.objects.values_list("slug", flat=True))
        password_hash = make_password(PASSWORD)
        added = entries = 0
        for plot, rng in plots(practices, seed):
            if plot.slug in present:
                continue
            day = today or local_today(timezone.now(), plot.time_zone)
            entries += build(
                root=root,
                password_hash=password_hash,
                plot=plot,
                weeks=weeks,
                today=day,
                rng=rng,
                seen=seen,
            )
            added += 1
        if added:
            noun = "practice" if added == 1 else "practices"
            self.stdout.write(f"Added {added} {noun} with {entries:,} weekly numbers.")
        else:
            self.stdout.write("The demo practices already exist: nothing was changed.")
        self._tell_accounts()

    def _root(self) -> User:
        root = User.objects.filter(email=ROOT, is_superuser=True).first()
        if root is None and Practice.objects.exists():
            raise CommandError(
                "This database holds practices that are not the demo's. Nothing was added: the "
                "demo adds a superuser with a published password."
            )
        return root or User.objects.create_superuser(ROOT, PASSWORD)

    def _tell_accounts(self) -> None:
        self.stdout.write(f"Accounts, all with the password {PASSWORD}:")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account}@lumina.example, {account}@harbor.example")
        self.stdout.write(f"  {GROUP} (manager of every demo practice)")
        self.stdout.write(f"  {ROOT} (superuser)")


def seen(practice: Practice, week: Week, today: date) -> dict[str, Any]:
    """The board as JSON. Two queries."""
    return freeze(build_board(practice, week, today=today))
