"""manage.py export_practice and import_practice, as docs/production.md describes them."""

import os
import re
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from io import StringIO

import psycopg2
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from funnel.actions import archives
from funnel.models import Practice, Staff, WeeklyEntry
from funnel.sheets import archive
from kpi_practice.env import BASE_DIR
from tests.cast import make_cast
from tests.database import copy_sqlite_template
from tests.factories import WEEK, close_week, make_entry, make_follow_up, make_staff, make_target
from tests.kept import kept

ALIKE = {"practice.jsonl", "manifest.json"}


@kept
def cast():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        cast = make_cast()
        make_target(cast.leads, 100)
        make_entry(cast.leads, 90, WEEK.previous)
        make_entry(cast.leads, 80)
        make_follow_up(cast.owner, "Ask „Süd“\nfor a line", kpi=cast.appointments)
        close_week(cast.manager)
        return cast


def run(command, *arguments):
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def members(file):
    """What the archive holds by name, without what may differ."""
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name not in ALIKE}


@pytest.fixture
def lumina(cast, tmp_path):
    """The archive of Lumina."""
    file = tmp_path / "lumina.zip"
    run("export_practice", "lumina", file)
    return file


@pytest.mark.django_db
def test_saves_one_practice_into_a_file_that_only_its_owner_reads(cast, tmp_path):
    file = tmp_path / "lumina.zip"
    said = run("export_practice", "lumina", file)
    assert re.fullmatch(rf"{file}: Lumina Aesthetics, \d+ rows \([\d,]+ bytes\)\n", said)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["lumina.zip"]


@pytest.mark.django_db
def test_saves_nothing_where_it_cannot(cast, tmp_path):
    there = tmp_path / "there.zip"
    there.write_text("someone's")
    for slug, file, said in (
        ("nowhere", tmp_path / "a.zip", "There is no practice “nowhere”."),
        ("lumina", there, f"The file {there} already exists."),
        ("lumina", tmp_path / "no" / "a.zip", f"There is no folder {tmp_path / 'no'}."),
    ):
        with pytest.raises(CommandError, match=re.escape(said)):
            run("export_practice", slug, file)
    assert [path.name for path in tmp_path.iterdir()] == ["there.zip"]
    assert there.read_text() == "someone's"


@pytest.mark.django_db
def test_a_half_written_file_does_not_stay(cast, tmp_path, monkeypatch):
    def fill_the_disk(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr("funnel.sheets.archive.write", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        run("export_practice", "lumina", tmp_path / "lumina.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_is_not_written_into_a_file_that_someone_put_there_before(cast, tmp_path):
    others = tmp_path / "others.txt"
    others.write_text("someone's")
    foreseen = tmp_path / "lumina.zip.unfinished"
    foreseen.symlink_to(others)
    run("export_practice", "lumina", tmp_path / "lumina.zip")
    assert others.read_text() == "someone's"
    assert foreseen.is_symlink()
    assert zipfile.is_zipfile(tmp_path / "lumina.zip")


@pytest.mark.django_db
def test_nobody_else_reads_it_while_it_is_written(cast, tmp_path, monkeypatch):
    write, modes = archive.write, []

    def look(file, *members, **how):
        modes.extend(stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir())
        return write(file, *members, **how)

    monkeypatch.setattr("funnel.sheets.archive.write", look)
    run("export_practice", "lumina", tmp_path / "lumina.zip")
    assert modes == [0o600]


@pytest.mark.django_db
def test_brings_it_back_under_another_short_name(lumina, tmp_path):
    said = run("import_practice", lumina, "--as", "two")
    assert re.match(r"Imported Lumina Aesthetics as two: \d+ rows, as of 20", said)
    assert "New here" not in said
    again = tmp_path / "two.zip"
    run("export_practice", "two", again)
    assert members(again) == members(lumina)


@pytest.mark.django_db
def test_a_dry_run_brings_nothing(lumina):
    before = WeeklyEntry.objects.count()
    assert run("import_practice", lumina, "--as", "two", "--dry-run").startswith(
        "Would import Lumina Aesthetics as two: "
    )
    assert WeeklyEntry.objects.count() == before
    assert not Practice.objects.filter(slug="two").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_says_whose_logins_gain_a_place_and_with_what_access(cast, tmp_path, dry):
    stranger = cast.stranger.user
    Staff.objects.filter(pk=cast.admin.pk).update(user=stranger)
    for number in range(12):
        make_staff(cast.practice, f"Vi{number:02}", access=Staff.Access.VIEWER)
    file = tmp_path / "lumina.zip"
    run("export_practice", "lumina", file)
    _, admins, managers, members, viewers = run(
        "import_practice", file, "--as", "two", *dry
    ).splitlines()
    assert admins == f"Existing logins that will see it as admin: {stranger.email}."
    assert managers == "Existing logins that will see it as manager: ana@lumina.example."
    assert members.startswith(
        "Existing logins that will see it as member: dana@lumina.example, lee@"
    )
    assert viewers.count("@lumina.example") == 13


@pytest.mark.django_db
def test_says_in_a_sentence_why_it_brings_nothing(lumina, tmp_path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(lumina.read_bytes()[:-100])
    for arguments, said in (
        ((lumina,), "The practice “lumina” already exists: choose another short name."),
        ((tmp_path / "no.zip",), f"There is no file {tmp_path / 'no.zip'}."),
        ((tmp_path,), f"There is no file {tmp_path}."),
        ((broken,), "This is not an archive of a practice, or it is damaged"),
        ((lumina, "--as", "a b"), "practice, row 1: slug: Enter a valid"),
    ):
        with pytest.raises(CommandError, match=re.escape(said)):
            run("import_practice", *arguments)
    assert Practice.objects.count() == 2


@pytest.mark.django_db
def test_the_lines_of_the_manual_work(cast, tmp_path):
    manual = (BASE_DIR / "docs/production.md").read_text()
    chapter = manual.split("\n## Moving a practice\n")[1].split("\n## ")[0]
    lines = re.findall(r"^    kpi (.+)$", chapter, flags=re.M)
    commands = [line.replace("/var/backups/kpi", str(tmp_path)).split() for line in lines]
    assert [command[0] for command in commands] == ["export_practice", *["import_practice"] * 3]
    export, dry, plain, renamed = commands
    run(*export)
    with pytest.raises(CommandError, match="The practice “lumina” already exists"):
        run(*dry)
    Practice.objects.filter(slug="lumina").update(slug="old")
    assert run(*dry).startswith("Would import")
    assert run(*plain).startswith("Imported Lumina Aesthetics as lumina:")
    assert run(*renamed).startswith("Imported Lumina Aesthetics as lumina-2:")


def on_another_host(database, *arguments):
    """Run manage.py with an SQLite file of its own, and return its output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "kpi_practice.settings",
            "DATABASE_URL": f"sqlite:///{database}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_goes_to_an_empty_sqlite_database_and_back_equal_in_every_row(lumina, tmp_path):
    """On PostgreSQL: to the other kind of database and back."""
    database = tmp_path / "other.sqlite3"
    if not copy_sqlite_template(database):
        on_another_host(database, "migrate", "-v0")
    said = on_another_host(database, "import_practice", lumina)
    assert said.startswith("Imported Lumina Aesthetics as lumina: ")
    assert "ada@lumina.example" in said.splitlines()[1]
    there = tmp_path / "there.zip"
    on_another_host(database, "export_practice", "lumina", there)
    assert members(there) == members(lumina)
    with zipfile.ZipFile(there) as packed, zipfile.ZipFile(lumina) as first:
        assert packed.read("practice.jsonl") == first.read("practice.jsonl")
    run("import_practice", there, "--as", "back")
    back = tmp_path / "back.zip"
    run("export_practice", "back", back)
    assert members(back) == members(lumina)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("hold", "seen"), [(archives.snapshot, [90, 90]), (transaction.atomic, [90, 91])]
)
def test_everything_in_an_archive_is_of_one_moment(cast, hold, seen):
    """A plain transaction sees concurrent saves: numbers without their history."""
    numbers = WeeklyEntry.objects.filter(kpi=cast.leads, week=WEEK.previous.monday)
    told = []
    with closing(psycopg2.connect(**connection.get_connection_params())) as other, hold():
        told.append(numbers.get().value)
        with other, other.cursor() as cursor:
            cursor.execute("UPDATE funnel_weeklyentry SET value = 91 WHERE value = 90")
        told.append(numbers.get().value)
    assert told == seen
