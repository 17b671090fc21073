import os
import shutil
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone


class Command(BaseCommand):
    help = "Saves the whole database as a new file in a folder, while people work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **_: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        save, ending = SAVERS[connection.vendor]
        file = folder / f"kpi-{timezone.now():%Y-%m-%dT%H%M%SZ}.{ending}"
        # The name appears only when complete; readable by the owner only.
        unfinished = file.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        try:
            save(unfinished)
            unfinished.rename(file)
        finally:
            unfinished.unlink(missing_ok=True)
        self.stdout.write(f"{file} ({file.stat().st_size:,} bytes)")


def save_sqlite(file: Path) -> None:
    """Includes the write-ahead log, which a file copy loses."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])


def save_postgresql(file: Path) -> None:
    """pg_dump's custom format. Raises CommandError."""
    pg_dump = shutil.which("pg_dump")
    if not pg_dump:
        raise CommandError("pg_dump is missing: apt-get install -y postgresql-client")
    options = ["--format=custom", "--no-password", f"--file={file}"]
    # Hides the password from the process list.
    (_, *arguments), secrets = connection.client.settings_to_cmd_args_env(
        connection.settings_dict, options
    )
    environment = {**os.environ, **(secrets or {})}
    done = subprocess.run(  # noqa: S603 - our own settings, no shell
        [pg_dump, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(done.stderr.strip())


SAVERS = {"sqlite": (save_sqlite, "sqlite3"), "postgresql": (save_postgresql, "dump")}
