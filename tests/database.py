"""The database of one process of the tests: a copy of a template that is migrated once.

The template is named by a digest of what it is made from: another digest makes another template and
removes the old one. SQLite's is a file in .stamps/; PostgreSQL's is a database beside the one under
test, named by the folder of this clone.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
# What the schema and the rows of an empty database depend on besides migrations.
SOURCES = ("funnel/models/*.py", "kpi_practice/sqlite/*.py")
SETTINGS = ("INSTALLED_APPS", "AUTH_USER_MODEL", "DEFAULT_AUTO_FIELD", "CACHES")
# No template has this name before it is complete.
PART = "part"


class Store(Protocol):
    """Where templates are, by name."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time; a killed one gives up the lock."""

    def path(self, name: str) -> str:
        """What Django calls the database of that template."""

    def names(self) -> list[str]:
        """All templates, and the part of one."""

    def remove(self, name: str) -> None:
        """Remove a template, whether or not it is complete."""

    def complete(self, name: str) -> None:
        """Turn the part into the template of that name, in one step."""

    def copy(self, name: str, target: str) -> None:
        """Make the database `target` as a copy of the template."""


def set_up() -> None:
    """Make this process's database and connect to it."""
    target = connection.settings_dict["TEST"]["NAME"]
    store: Store = Files() if connection.vendor == "sqlite" else Databases(str(ROOT))
    provide(store, digest(), target, make=_migrate)
    connection.settings_dict["NAME"] = target
    connection.ensure_connection()


def provide(store: Store, name: str, target: str, *, make: Callable[[str], None]) -> None:
    """Copy the template to the target; `make` it first if it is missing."""
    with store.locked():
        if name not in store.names():
            for outdated in store.names():
                store.remove(outdated)
            make(store.path(PART))
            store.complete(name)
        store.copy(name, target)


def copy_sqlite_template(target: Path) -> bool:
    """Make a migrated SQLite database at that path, whatever the tests run on; False where there is
    no template yet."""
    files = Files()
    with files.locked():
        if digest() not in files.names():
            return False
        files.copy(digest(), str(target))
    return True


def tear_down() -> None:
    """Remove this process's database."""
    connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def digest() -> str:
    """The same as long as an empty database would be migrated to the same result."""
    found = hashlib.sha256(django.__version__.encode())
    found.update(repr([getattr(settings, name) for name in SETTINGS]).encode())
    for app in apps.get_app_configs():
        _add(found, app.label, (Path(app.path) / "migrations").glob("*.py"))
    for pattern in SOURCES:
        _add(found, pattern, ROOT.glob(pattern))
    return found.hexdigest()[:16]


def _add(found: "hashlib._Hash", label: str, files: Iterable[Path]) -> None:
    for file in sorted(files):
        found.update(f"{label} {file.name}\n".encode() + file.read_bytes())


def _migrate(path: str) -> None:
    test_settings = connection.settings_dict["TEST"]
    target, test_settings["NAME"] = test_settings["NAME"], path
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test_settings["NAME"] = target


class Files:
    """SQLite's templates: files of one folder."""

    PREFIX, SUFFIX = "test-", ".sqlite3"

    def __init__(self, folder: Path = ROOT / ".stamps") -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.folder.mkdir(exist_ok=True)
        with (self.folder / f"{self.PREFIX}lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def path(self, name: str) -> str:
        return str(self.folder / f"{self.PREFIX}{name}{self.SUFFIX}")

    def names(self) -> list[str]:
        files = self.folder.glob(f"{self.PREFIX}*{self.SUFFIX}")
        return [file.name.removeprefix(self.PREFIX).removesuffix(self.SUFFIX) for file in files]

    def remove(self, name: str) -> None:
        # With what SQLite wrote beside it.
        for file in self.folder.glob(f"{self.PREFIX}{name}{self.SUFFIX}*"):
            file.unlink()

    def complete(self, name: str) -> None:
        Path(self.path(PART)).rename(self.path(name))

    def copy(self, name: str, target: str) -> None:
        shutil.copyfile(self.path(name), target)


class Databases:
    """PostgreSQL's templates: databases with a digest of the clone's folder in their names."""

    def __init__(self, clone: str) -> None:
        self.prefix = f"test_kpi_{hashlib.sha256(clone.encode()).hexdigest()[:8]}_"

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self._server() as cursor:
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.prefix])
            yield

    def path(self, name: str) -> str:
        return self.prefix + name

    def names(self) -> list[str]:
        with self._server() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self.prefix]
            )
            return [name.removeprefix(self.prefix) for (name,) in cursor.fetchall()]

    def remove(self, name: str) -> None:
        with self._server() as cursor:
            cursor.execute(f"DROP DATABASE {self._quoted(name)} WITH (FORCE)")

    def complete(self, name: str) -> None:
        with self._server() as cursor:
            # A database that somebody is connected to, be it the autovacuum, cannot be copied.
            cursor.execute(f"ALTER DATABASE {self._quoted(PART)} ALLOW_CONNECTIONS false")
            cursor.execute(f"ALTER DATABASE {self._quoted(PART)} RENAME TO {self._quoted(name)}")

    def copy(self, name: str, target: str) -> None:
        with self._server() as cursor:
            quoted = connection.ops.quote_name(target)
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
            cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE {self._quoted(name)}")

    def _quoted(self, name: str) -> str:
        return connection.ops.quote_name(self.path(name))

    def _server(self):
        """A cursor beside the database under test."""
        return connection._nodb_cursor()
