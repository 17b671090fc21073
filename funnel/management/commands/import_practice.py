from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from funnel.actions import archives
from funnel.models import Staff
from funnel.sheets import archive

TOLD = 10


class Command(BaseCommand):
    help = "Imports a practice that export_practice saved: all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="slug", help="another short name for the practice")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be imported, and change nothing"
        )

    def handle(self, *, file: Path, slug: str | None, dry_run: bool, **_: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with file.open("rb") as opened:
                kept = archive.read(opened, archives.NAMES, archives.SINCE)
                restored = archives.restore(
                    kept.rows, version=kept.version, slug=slug, dry_run=dry_run
                )
        except archive.ArchiveRefused as refused:
            raise CommandError(refused.sentence) from None
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        practice, verb = restored.practice, "Would import" if dry_run else "Imported"
        self.stdout.write(
            f"{verb} {practice} as {practice.slug}: {restored.rows:,} rows, as of {kept.made_at}."
        )
        # Lists all: the file decides who sees this practice from now on.
        for access in reversed(Staff.Access.values):
            if known := [email for email, held in restored.known_users if held == access]:
                self.stdout.write(
                    f"Existing logins that will see it as {access}: {', '.join(known)}."
                )
        if new := restored.new_users:
            others = f" and {len(new) - TOLD} more" if len(new) > TOLD else ""
            self.stdout.write(
                "New logins, to be invited in the admin before they can sign in: "
                f"{', '.join(new[:TOLD])}{others}."
            )
