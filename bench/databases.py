"""Databases, reused until the week or a migration changes."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from funnel.domain.weeks import Week

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".bench"
PREFIX = "kpi_bench_"
SOURCES = (
    "requirements.txt",
    "bench/data.py",
    "bench/shapes.py",
    "funnel/migrations/*.py",
    "kpi_practice/migrations/*.py",
)


@cache
def running_week() -> Week:
    """The last week of the data."""
    return Week.running(datetime.now(UTC).date())


def environment(database_url: str, **changes: str) -> dict[str, str]:
    """Production settings over plain HTTP."""
    kept = ("HOME", "LANG", "LC_ALL", "PATH", "TZ")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DATABASE_URL": database_url,
        "ENV_FILE": "",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "only-for-the-benchmark-" + "x" * 50,
        "SITE_URL": "http://127.0.0.1",
        "STATIC_FROM_SOURCE": "off",
        **changes,
    }


def database_url(dataset: str, server_url: str | None) -> str:
    """Create the database if needed; SQLite if `server_url` is None."""
    name = f"{PREFIX}{dataset}_{_key()}"
    return _on_postgresql(name, dataset, server_url) if server_url else _on_sqlite(name, dataset)


def remove(server_url: str | None, keep: str = "") -> None:
    """Skip names that end in `keep`."""
    for file in CACHE.glob(f"{PREFIX}*"):
        if not keep or keep not in file.name:
            file.unlink()
    if server_url:
        with _server(server_url) as execute:
            for (name,) in execute("SELECT datname FROM pg_database"):
                if name.startswith(PREFIX) and not (keep and keep in name):
                    execute(f'DROP DATABASE "{name}"')


def remove_outdated(server_url: str | None) -> None:
    remove(server_url, keep=_key())


def _on_sqlite(name: str, dataset: str) -> str:
    CACHE.mkdir(exist_ok=True)
    file, part = CACHE / f"{name}.sqlite3", CACHE / f"{name}.part"
    if not file.exists():
        for leftover in CACHE.glob(f"{part.name}*"):
            leftover.unlink()
        _make(dataset, f"sqlite:///{part}", "SQLite")
        part.rename(file)
    return f"sqlite:///{file}"


def _on_postgresql(name: str, dataset: str, server_url: str) -> str:
    part = f"{name}_part"
    with _server(server_url) as execute:
        if not execute("SELECT 1 FROM pg_database WHERE datname = %s", name):
            execute(f'DROP DATABASE IF EXISTS "{part}"')
            execute(f'CREATE DATABASE "{part}"')
            _make(dataset, _with_name(server_url, part), "PostgreSQL")
            execute(f'ALTER DATABASE "{part}" RENAME TO "{name}"')
    return _with_name(server_url, name)


def _make(dataset: str, url: str, vendor: str) -> None:
    print(f"Making the {vendor} data “{dataset}” … ", end="", flush=True)
    start = time.monotonic()
    command = [sys.executable, "-m", "bench.prepare", "fill", dataset, str(running_week())]
    # Filling a table takes longer than the statement timeout of pages.
    patient = environment(url, DATABASE_STATEMENT_TIMEOUT_MS="0")
    subprocess.run(command, cwd=ROOT, env=patient, check=True)
    print(f"{time.monotonic() - start:.0f} s", flush=True)


@contextmanager
def _server(url: str) -> Iterator:
    import psycopg2

    with closing(psycopg2.connect(url)) as connection:
        # CREATE and DROP DATABASE cannot run inside a transaction.
        connection.autocommit = True

        def execute(statement: str, *values: str) -> list[tuple]:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []

        yield execute


def _with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@cache
def _key() -> str:
    digest = hashlib.sha256(str(running_week()).encode())
    for pattern in SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:10]
