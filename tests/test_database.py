"""The database of one process of the tests: tests/database.py."""

import fcntl
import os
import shutil
import signal

import pytest
from django.apps import apps
from django.db import connection

from tests import database
from tests.database import PART, Databases, Files, provide


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "templates")


@pytest.fixture
def copied(tmp_path):
    return tmp_path / "copy"


def writes(text):
    """A maker of a template that holds that text."""

    def make(path):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    return make


def never(path):
    raise AssertionError("made another template")


def test_a_template_is_made_once_and_copied_each_time(files, copied):
    provide(files, "one", str(copied), make=writes("migrated"))
    copied.write_text("changed by a test")
    provide(files, "one", str(copied), make=never)
    assert copied.read_text() == "migrated"


def test_another_digest_makes_another_template_and_removes_the_old_one(files, copied):
    provide(files, "one", str(copied), make=writes("migrated"))
    provide(files, "two", str(copied), make=writes("migrated further"))
    assert copied.read_text() == "migrated further"
    assert files.names() == ["two"]


def test_nobody_else_enters_while_a_template_is_made(files, copied):
    def make(path):
        writes("migrated")(path)
        with (files.folder / "test-lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    provide(files, "one", str(copied), make=make)
    with (files.folder / "test-lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_killed_maker_leaves_nothing_half_made(files, copied):
    def make(path):
        writes("half")(path)
        writes("its journal")(f"{path}-wal")
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        provide(files, "one", str(copied), make=make)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert files.names() == [PART]
    provide(files, "one", str(copied), make=writes("migrated"))
    assert copied.read_text() == "migrated"
    assert sorted(file.name for file in files.folder.iterdir()) == ["test-lock", "test-one.sqlite3"]


def test_the_digest_changes_with_the_text_of_a_migration(monkeypatch, tmp_path):
    funnel = apps.get_app_config("funnel")
    copy = tmp_path / "funnel"
    shutil.copytree(f"{funnel.path}/migrations", copy / "migrations")
    before = database.digest()
    monkeypatch.setattr(funnel, "path", str(copy))
    assert database.digest() == before
    with (copy / "migrations" / "0001_initial.py").open("a") as file:
        file.write("\n")
    assert database.digest() != before


def test_the_digest_changes_with_a_setting_that_the_migrations_read(settings):
    before = database.digest()
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django.contrib.sites"]
    assert database.digest() != before


@pytest.fixture
def databases(tmp_path):
    """Templates of a clone of its own, on the server of the tests."""
    store = Databases(str(tmp_path))
    yield store
    for name in store.names():
        store.remove(name)


def fills(text):
    """A maker of a database that holds that text."""

    def make(path):
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{path}"')
            cursor.execute(f"COMMENT ON DATABASE \"{path}\" IS '{text}'")

    return make


@pytest.mark.postgresql
@pytest.mark.usefixtures("transactional_db")
def test_on_postgresql_a_part_goes_and_a_template_is_copied_though_another_is_connected(databases):
    target = databases.path("copy")
    fills("half")(databases.path(PART))
    tried = []

    def make(path):
        fills("whole")(path)
        with connection._nodb_cursor() as cursor:
            lock = "SELECT pg_try_advisory_lock(hashtext(%s))"
            cursor.execute(lock, [databases.prefix])
            tried.extend(cursor.fetchone())

    # A process killed while migrating may be connected for a moment longer.
    real, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], databases.path(PART)
    leftover = connection.copy()
    connection.settings_dict["NAME"] = real
    leftover.connect()
    try:
        provide(databases, "one", target, make=make)
    finally:
        leftover.close()
    assert tried == [False]
    provide(databases, "one", target, make=never)
    assert sorted(databases.names()) == ["copy", "one"]
