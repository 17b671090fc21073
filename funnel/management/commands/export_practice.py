import os
from argparse import ArgumentParser
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from funnel.actions import archives
from funnel.models import Practice
from funnel.sheets import archive


class Command(BaseCommand):
    help = "Saves one practice as a new file for import_practice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the practice's short name")
        parser.add_argument("file", type=Path, help="the new file, such as lumina.zip")

    def handle(self, *, slug: str, file: Path, **_: Any) -> None:
        practice = Practice.objects.filter(slug=slug).first()
        if practice is None:
            raise CommandError(f"There is no practice “{slug}”.")
        if file.exists():
            raise CommandError(f"The file {file} already exists.")
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}.")
        # The name appears only when complete. Until then it is unpredictable, so nobody can prepare
        # a file or link; readable by the owner only.
        opened, name = mkstemp(dir=file.parent, prefix=f"{file.name}.", suffix=".unfinished")
        unfinished = Path(name)
        try:
            with os.fdopen(opened, "wb") as archived, archives.snapshot():
                counts = archive.write(
                    archived,
                    archives.pack(practice),
                    practice=practice.slug,
                    made_at=timezone.now().isoformat(timespec="seconds"),
                )
            unfinished.rename(file)
        finally:
            unfinished.unlink(missing_ok=True)
        size = file.stat().st_size
        self.stdout.write(f"{file}: {practice}, {sum(counts.values()):,} rows ({size:,} bytes)")
