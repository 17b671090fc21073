"""The SQLite backend: triggers survive whatever a migration does to tables."""

from contextlib import closing

import pytest
from django.db import (
    IntegrityError,
    OperationalError,
    connection,
    connections,
    migrations,
    models,
)
from django.db.migrations.state import ProjectState

from funnel.migrations._rules import AddRules, DropRules, Monday, NoOverlap, SamePractice

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="on files of SQLite only")

ID = ("id", models.BigAutoField(primary_key=True))
TABLES = (
    migrations.CreateModel("Practice", [ID]),
    migrations.CreateModel(
        "KPI",
        [
            ID,
            ("practice", models.ForeignKey("shop.Practice", models.PROTECT)),
            ("name", models.CharField(max_length=10)),
        ],
    ),
    migrations.CreateModel(
        "Entry",
        [
            ID,
            ("practice", models.ForeignKey("shop.Practice", models.PROTECT)),
            ("kpi", models.ForeignKey("shop.KPI", models.PROTECT)),
            ("week", models.DateField()),
            ("ends_on", models.DateField(null=True)),
            ("value", models.IntegerField(default=0)),
        ],
    ),
    migrations.CreateModel("Note", [ID, ("week", models.DateField())]),
)
MONDAY = Monday("shop_entry", "week", "shop_entry_monday")
OF_PRACTICE = SamePractice("shop_entry", "kpi_id", "shop_kpi", "shop_entry_of_practice")
NO_OVERLAP = NoOverlap("shop_entry", "kpi_id", "week", "ends_on", "shop_entry_no_overlap")
NOTE_MONDAY = Monday("shop_note", "week", "shop_note_monday")
RULES = AddRules(MONDAY, OF_PRACTICE, NO_OVERLAP, NOTE_MONDAY)

ROWS = """
    INSERT INTO shop_practice (id) VALUES (1), (2);
    INSERT INTO shop_kpi (id, practice_id, name) VALUES (1, 1, 'a'), (2, 2, 'b');
    INSERT INTO shop_entry (id, practice_id, kpi_id, week, ends_on, value)
    VALUES (1, 1, 1, '2026-11-16', '2026-11-22', 40), (2, 1, 1, '2026-11-30', NULL, 50)
"""
BROKEN = {
    "shop_entry_monday": "week = '2026-12-01'",
    "shop_entry_of_practice": "kpi_id = 2",
    "shop_entry_no_overlap": "week = '2026-11-16'",
}


class Database:
    """An SQLite file with a few tables and rows, and four rules."""

    def __init__(self, path, engine="kpi_practice.sqlite"):
        ours = {"ENGINE": engine, "NAME": path, "OPTIONS": {}}
        connections.settings["shop"] = {**connections.settings["default"], **ours}
        self.connection = connections["shop"]
        self.state = ProjectState()
        self.migrate(*TABLES)
        self.migrate(RULES)
        for sql in ROWS.split(";"):
            self.run(sql)

    def close(self):
        self.connection.close()
        del connections["shop"], connections.settings["shop"]

    def migrate(self, *operations, atomic=True, collect_sql=False):
        migration = migrations.Migration("step", "shop")
        migration.operations = operations
        with self.connection.schema_editor(atomic=atomic, collect_sql=collect_sql) as editor:
            self.state = migration.apply(self.state, editor, collect_sql=collect_sql)
        return editor

    def run(self, sql):
        with self.connection.cursor() as cursor:
            return cursor.execute(sql, None).fetchall()

    @property
    def triggers(self):
        return set(self.run("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"))

    def enforces(self, name):
        try:
            self.run(f"UPDATE shop_entry SET {BROKEN[name]} WHERE id = 2")  # noqa: S608
        except IntegrityError as error:
            assert str(error) == f"constraint failed: {name}"  # noqa: PT017
            return True
        return False


@pytest.fixture
def database(tmp_path, django_db_blocker):
    with django_db_blocker.unblock():
        made = Database(tmp_path / "shop.sqlite3")
        with closing(made):
            yield made


CHANGES = {
    "a column with a default": [migrations.AddField("Entry", "note", models.TextField(default=""))],
    "a column that may be null": [
        migrations.AddField("Entry", "note", models.TextField(null=True))
    ],
    "a column that is pointed from": [
        migrations.AddField("Entry", "by", models.ForeignKey("shop.KPI", models.PROTECT, null=True))
    ],
    "a column of a rule": [migrations.AlterField("Entry", "week", models.DateField(null=True))],
    "a column of the table that is pointed to": [
        migrations.AlterField("KPI", "name", models.CharField(max_length=20, unique=True))
    ],
    "a primary key": [migrations.AlterField("KPI", "id", models.AutoField(primary_key=True))],
    "another column less": [migrations.RemoveField("Entry", "value")],
    "another column renamed": [migrations.RenameField("Entry", "value", "amount")],
    "a constraint": [
        migrations.AddConstraint(
            "Entry", models.CheckConstraint(condition=models.Q(value__gte=0), name="shop_positive")
        )
    ],
    "an index": [migrations.AddIndex("Entry", models.Index(fields=["week"], name="shop_week"))],
    "SQL by hand": [migrations.RunSQL("ALTER TABLE shop_kpi ADD COLUMN colour text")],
    "several at once": [
        migrations.AddField("Entry", "note", models.TextField(default="")),
        migrations.AlterField("KPI", "name", models.CharField(max_length=20, unique=True)),
        migrations.RemoveField("Entry", "value"),
    ],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_later_migration_of_the_table_retains_every_rule(database, change):
    before = database.triggers
    assert len(before) == 10
    database.migrate(*change)
    assert database.triggers == before
    assert database.run("SELECT id, strftime('%d', week) FROM shop_entry") == [(1, "16"), (2, "30")]
    assert all(database.enforces(name) for name in BROKEN)


def test_djangos_own_backend_loses_them(tmp_path, django_db_blocker):
    with django_db_blocker.unblock():
        naive = Database(tmp_path / "naive.sqlite3", "django.db.backends.sqlite3")
        with closing(naive):
            with pytest.raises(OperationalError, match="error in trigger shop_entry_of_practice"):
                naive.migrate(*CHANGES["a column with a default"])
            naive.migrate(DropRules(OF_PRACTICE))
            naive.migrate(*CHANGES["a column with a default"])
            assert {table for table, _, _ in naive.triggers} == {"shop_note"}
            assert not naive.enforces("shop_entry_monday")


def test_a_rule_of_the_same_migration_is_retained(database):
    value = Monday("shop_kpi", "due_on", "shop_kpi_monday")
    database.migrate(
        migrations.AddField("KPI", "due_on", models.DateField(null=True)),
        AddRules(value),
        migrations.AddField("KPI", "colour", models.TextField(default="")),
    )
    with pytest.raises(IntegrityError, match="shop_kpi_monday"):
        database.run("UPDATE shop_kpi SET due_on = '2026-11-24'")
    database.migrate(
        migrations.AlterField("KPI", "colour", models.TextField(default="", unique=False)),
        DropRules(value),
        migrations.RemoveField("KPI", "due_on"),
    )
    assert len(database.triggers) == 10


def test_rows_are_checked_in_a_migration_that_changes_no_table(database):
    with pytest.raises(IntegrityError, match="shop_entry_monday"):
        database.migrate(migrations.RunSQL("UPDATE shop_entry SET week = '2026-11-24'"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ([migrations.RemoveField("Entry", "week")], "trigger shop_entry_(monday|no_overlap)"),
        ([migrations.RenameField("Entry", "week", "monday")], "trigger shop_entry_"),
        ([migrations.RemoveField("Entry", "kpi")], "trigger shop_entry_(of_practice|no_overlap)"),
        ([migrations.DeleteModel("Entry")], "trigger shop_entry_of_practice_kpi_id_"),
        ([migrations.RenameModel("Entry", "Number")], "shop_entry has rules"),
        ([migrations.AlterModelTable("KPI", "kpis")], "shop_kpi has rules"),
    ],
    ids=[
        "column",
        "renamed column",
        "foreign key",
        "table",
        "renamed table",
        "renamed other table",
    ],
)
def test_what_a_rule_mentions_does_not_go_without_it(database, change, complaint):
    before = database.triggers
    with pytest.raises(OperationalError, match=complaint):
        database.migrate(*change)
    assert database.triggers == before
    assert all(database.enforces(name) for name in BROKEN)


def test_it_goes_once_its_rules_are_dropped(database):
    database.migrate(DropRules(MONDAY, OF_PRACTICE, NO_OVERLAP), migrations.DeleteModel("Entry"))
    assert {table for table, _, _ in database.triggers} == {"shop_note"}


def test_a_deleted_tables_own_triggers_go_with_it(database):
    database.migrate(migrations.DeleteModel("Note"))
    assert {table for table, _, _ in database.triggers} == {"shop_entry", "shop_kpi"}


@pytest.mark.parametrize("atomic", [True, False])
def test_a_migration_that_fails_leaves_every_rule(database, atomic):
    before = database.triggers
    with pytest.raises(OperationalError, match="no such table"):
        database.migrate(
            migrations.AddField("Entry", "note", models.TextField(default="")),
            migrations.RunSQL("DELETE FROM nowhere"),
            atomic=atomic,
        )
    assert database.triggers == before


def test_collected_sql_changes_nothing(database):
    before = database.triggers
    editor = database.migrate(*CHANGES["a column with a default"], collect_sql=True)
    assert database.triggers == before
    assert "TRIGGER" not in " ".join(editor.collected_sql)
