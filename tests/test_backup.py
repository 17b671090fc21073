"""Backup and restore, as docs/production.md describes them, on the database the tests run on."""

import io
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kpi_practice.env import BASE_DIR
from kpi_practice.management.commands import backup
from tests.conftest import IS_CI
from tests.factories import WEEK, make_entry, make_practice

CLIENT_TOOLS = ("pg_dump", "pg_restore", "createdb", "dropdb")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _client_tools():
    """Skips, with the reason, without PostgreSQL's client programs; in CI that fails."""
    missing = [name for name in CLIENT_TOOLS if not shutil.which(name)]
    if connection.vendor == "postgresql" and missing:
        reason = f"{', '.join(missing)} not installed (apt-get install -y postgresql-client)"
        if IS_CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture
def leads():
    """A practice's leads, with the numbers of two weeks."""
    kpi = make_practice().kpis.get(slug="leads")
    make_entry(kpi, 200)
    make_entry(kpi, 190, WEEK.previous)
    return kpi


@pytest.fixture
def writer():
    """A second connection to the same database, as another process of the app would have."""
    with closing(connect(connection.settings_dict["NAME"])) as second:
        yield second


@pytest.fixture
def restored(tmp_path):
    """The name of a database that is not there yet, removed after the test."""
    if connection.vendor == "sqlite":
        yield str(tmp_path / "restored.sqlite3")
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    yield name
    postgresql("dropdb", "--if-exists", name)


def connect(name):
    """A plain connection to that database, past Django."""
    if connection.vendor == "sqlite":
        return sqlite3.connect(name)
    return psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})


def url_of(name):
    """That database as DATABASE_URL names it."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    settings = connection.settings_dict
    account = f"{settings['USER']}:{settings['PASSWORD']}"
    return f"postgres://{account}@{settings['HOST']}:{settings['PORT'] or 5432}/{name}"


def postgresql(program, *arguments):
    """Run one of PostgreSQL's client programs; fail the test with its output."""
    settings = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    given = {name: str(settings[key]) for name, key in names.items() if settings[key]}
    done = subprocess.run(
        [program, *arguments],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def save(folder):
    """The one file that `manage.py backup` leaves in a folder it is given."""
    folder.mkdir()
    call_command("backup", folder, stdout=io.StringIO())
    (file,) = folder.iterdir()
    return file


def restore(file, name):
    """Puts a backup into a new database of that name."""
    if connection.vendor == "sqlite":
        shutil.copy(file, name)
        return
    postgresql("createdb", name)
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    postgresql("pg_restore", *options, f"--dbname={name}", str(file))


def everything_in(name):
    """Every row of every table of that database, by table."""
    quote = connection.ops.quote_name
    with closing(connect(name)) as database, closing(database.cursor()) as cursor:
        tables = {}
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {quote(table)}")  # noqa: S608 - names from the database
            tables[table] = sorted(cursor.fetchall(), key=repr)
        return tables


def values_in(name):
    """The weekly numbers in that database, smallest first."""
    with closing(connect(name)) as database, closing(database.cursor()) as cursor:
        cursor.execute("SELECT value FROM funnel_weeklyentry ORDER BY value")
        return [int(value) for (value,) in cursor.fetchall()]


def test_every_row_of_every_table_comes_back(leads, restored, tmp_path):
    restore(save(tmp_path / "backups"), restored)
    found = everything_in(restored)
    assert found == everything_in(connection.settings_dict["NAME"])
    assert len(found["funnel_weeklyentry"]) == 2


def test_a_change_still_open_is_left_out_whole(leads, writer, restored, tmp_path):
    with closing(writer.cursor()) as cursor:
        cursor.execute("UPDATE funnel_weeklyentry SET value = 7 WHERE value = 190")
        file = save(tmp_path / "backups")
        cursor.execute("UPDATE funnel_weeklyentry SET value = 8 WHERE value = 200")
    writer.commit()
    restore(file, restored)
    assert values_in(connection.settings_dict["NAME"]) == [7, 8]
    assert values_in(restored) == [190, 200]


def test_a_change_saved_just_before_is_in_it(leads, writer, restored, tmp_path):
    with closing(writer.cursor()) as cursor:
        cursor.execute("UPDATE funnel_weeklyentry SET value = 7 WHERE value = 190")
        writer.commit()
        cursor.execute("UPDATE funnel_weeklyentry SET value = 8 WHERE value = 200")
        restore(save(tmp_path / "backups"), restored)
    assert values_in(restored) == [7, 200]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite keeps its database in files")
def test_a_plain_copy_of_the_file_loses_what_was_saved(leads, restored, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    make_entry(leads, 210, WEEK.plus(-2))
    copied = tmp_path / "copied.sqlite3"
    shutil.copy(connection.settings_dict["NAME"], copied)
    assert values_in(str(copied)) == [190, 200]
    restore(save(tmp_path / "backups"), restored)
    assert values_in(restored) == [190, 200, 210]


def test_the_app_takes_the_restored_database_as_its_own(leads, restored, tmp_path):
    restore(save(tmp_path / "backups"), restored)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "kpi_practice.settings",
            "DATABASE_URL": url_of(restored),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_restored_database_keeps_the_rules(leads, restored, tmp_path):
    restore(save(tmp_path / "backups"), restored)
    refused = (sqlite3.IntegrityError, psycopg2.IntegrityError)
    with closing(connect(restored)) as copy:
        for change in ("value = -1", "week = '2026-11-17'"):
            with pytest.raises(refused):
                copy.cursor().execute(f"UPDATE funnel_weeklyentry SET {change}")  # noqa: S608
            copy.rollback()
        copy.cursor().execute("UPDATE funnel_weeklyentry SET value = value + 1")


def test_only_its_owner_reads_the_file(leads, tmp_path):
    file = save(tmp_path / "backups")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_backup_that_fails_leaves_no_file(tmp_path, monkeypatch):
    def fill_the_disk(file):
        file.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setitem(backup.SAVERS, connection.vendor, (fill_the_disk, "half"))
    with pytest.raises(OSError, match="No space left"):
        save(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_names_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("backup", tmp_path / "nowhere")


@pytest.mark.postgresql
def test_says_what_pg_dump_said(tmp_path, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", "not_there")
    with pytest.raises(CommandError, match='database "not_there" does not exist'):
        save(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.postgresql
def test_names_the_package_where_pg_dump_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="apt-get install -y postgresql-client"):
        save(tmp_path / "backups")
