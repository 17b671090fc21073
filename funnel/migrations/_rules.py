"""Rules beyond model constraints, on both databases.

Released migrations depend on this file: do not change what a kind creates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.db import IntegrityError
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

POSTGRESQL_FUNCTION = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW({old}) IS NOT DISTINCT FROM ROW({new}) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM {table} r WHERE r.{column} = NEW.id AND {broken}) THEN
        RAISE EXCEPTION 'row of table "{table}" violates rule "{name}"'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END $$
"""

POSTGRESQL_FIXED_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW({old}) IS DISTINCT FROM ROW({new}) AND {fixed} THEN
        RAISE EXCEPTION 'row of table "{table}" violates rule "{name}"'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END $$
"""


class Rule(Protocol):
    """Errors show `name`."""

    name: str
    table: str

    @property
    def columns(self) -> tuple[str, ...]:
        """An update of these can break it."""

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """(column, table) where the other row's practice matters."""

    def broken(self, row: str) -> str:
        """SQL, true for a breaking `row`."""

    def constraint(self) -> str | None:
        """None for triggers."""


@dataclass(frozen=True)
class Monday:
    table: str
    column: str
    name: str

    targets = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def broken(self, row: str) -> str:
        # Only Mondays equal the next Monday on or after them, as ISO text.
        date = f"{row}.{self.column}"
        return f"{date} IS NOT date({date}, 'weekday 1')"

    def constraint(self) -> str:
        return f"CHECK (EXTRACT(ISODOW FROM {self.column}) = 1)"


@dataclass(frozen=True)
class SamePractice:
    """PostgreSQL needs a unique (practice_id, id) on the other table."""

    table: str
    column: str
    other: str
    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        return ("practice_id", self.column)

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        return ((self.column, self.other),)

    def broken(self, row: str) -> str:
        return (
            f"EXISTS (SELECT 1 FROM {self.other} o WHERE o.id = {row}.{self.column} "
            f"AND o.practice_id <> {row}.practice_id)"
        )

    def constraint(self) -> str:
        return (
            f"FOREIGN KEY (practice_id, {self.column}) REFERENCES {self.other} (practice_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )


@dataclass(frozen=True)
class SharedPractice:
    """Both target rows are of one practice."""

    table: str
    column: str
    other: str
    second_column: str
    second_other: str
    name: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, self.second_column)

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        return ((self.column, self.other), (self.second_column, self.second_other))

    def broken(self, row: str) -> str:
        # "IS NOT NULL" lets a partial index be used.
        practices = " <> ".join(
            f"(SELECT practice_id FROM {other} WHERE id = {row}.{column})"
            for column, other in self.targets
        )
        present = " AND ".join(f"{row}.{column} IS NOT NULL" for column in self.columns)
        return f"{present} AND {practices}"

    def constraint(self) -> None:
        return None


@dataclass(frozen=True)
class Never:
    """`condition` is SQL with `{row}`."""

    table: str
    columns: tuple[str, ...]
    condition: str
    name: str

    targets = ()

    def broken(self, row: str) -> str:
        return self.condition.format(row=row)

    def constraint(self) -> None:
        return None


@dataclass(frozen=True)
class NoOverlap:
    """Days inclusive, the last one NULL while open."""

    table: str
    column: str
    first_day: str
    last_day: str
    name: str

    targets = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, self.first_day, self.last_day)

    def broken(self, row: str) -> str:
        return (
            f"EXISTS (SELECT 1 FROM {self.table} o WHERE o.{self.column} = {row}.{self.column} "
            f"AND o.id <> {row}.id "
            f"AND o.{self.first_day} <= coalesce({row}.{self.last_day}, '9999-12-31') "
            f"AND {row}.{self.first_day} <= coalesce(o.{self.last_day}, '9999-12-31'))"
        )

    def constraint(self) -> str:
        # GiST cannot index an integer without an extension, but it can index a range of one.
        return (
            f"EXCLUDE USING gist (int8range({self.column}, {self.column}, '[]') WITH &&, "
            f"daterange({self.first_day}, {self.last_day}, '[]') WITH &&)"
        )


@dataclass(frozen=True)
class Fixed:
    """`columns` do not change where `condition` was true, checked at once."""

    table: str
    columns: tuple[str, ...]
    condition: str
    name: str

    targets = ()

    def broken(self, row: str) -> str:
        # The old row is not stored.
        return "1 = 0"

    def constraint(self) -> None:
        return None


class AddRules(Operation):
    """Raises IntegrityError if rows break a rule."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, *rules: Rule, vendors: tuple[str, ...] = ("postgresql", "sqlite")) -> None:
        self.rules = rules
        self.vendors = vendors

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor in self.vendors:
            for rule in self.rules:
                _add(rule, schema_editor)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor in self.vendors:
            for rule in reversed(self.rules):
                _drop(rule, schema_editor)

    def describe(self):
        return f"Add the rules {', '.join(rule.name for rule in self.rules)}"


class DropRules(AddRules):
    """Run before what the rules mention is dropped or renamed."""

    def database_forwards(self, *step):
        super().database_backwards(*step)

    def database_backwards(self, *step):
        super().database_forwards(*step)

    def describe(self):
        return f"Drop the rules {', '.join(rule.name for rule in self.rules)}"


def _add(rule: Rule, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    constraint = None if is_sqlite else rule.constraint()
    if constraint:
        schema_editor.execute(
            f"ALTER TABLE {rule.table} ADD CONSTRAINT {rule.name} {constraint}", None
        )
        return
    if not schema_editor.collect_sql:
        _check_stored_rows(rule, schema_editor)
    for sql in _sqlite_triggers(rule).values() if is_sqlite else _postgresql_triggers(rule):
        schema_editor.execute(sql, None)


def _drop(rule: Rule, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for trigger in _sqlite_triggers(rule):
            schema_editor.execute(f"DROP TRIGGER {trigger}", None)
    elif rule.constraint():
        schema_editor.execute(f"ALTER TABLE {rule.table} DROP CONSTRAINT {rule.name}", None)
    else:
        for function, table, *_ in _postgresql_events(rule):
            schema_editor.execute(f"DROP TRIGGER {rule.name} ON {table}", None)
            schema_editor.execute(f"DROP FUNCTION {function}", None)


def _check_stored_rows(rule: Rule, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), min(r.id) FROM {rule.table} r WHERE {rule.broken('r')}", None
        )
        count, first = cursor.fetchone()
    if count:
        raise IntegrityError(
            f"{count} row(s) of {rule.table} break {rule.name}, the first with the id {first}. "
            "Correct them, then migrate again."
        )


def _sqlite_triggers(rule: Rule) -> dict[str, str]:
    """AFTER: the new row has its id."""
    if isinstance(rule, Fixed):
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in rule.columns)
        return _as_triggers(
            rule,
            {
                rule.name: (
                    f"UPDATE OF {', '.join(rule.columns)} ON {rule.table}",
                    f"({changed}) AND {rule.condition.format(row='OLD')}",
                )
            },
        )
    events = {
        f"{rule.name}_insert": (f"INSERT ON {rule.table}", rule.broken("NEW")),
        f"{rule.name}_update": (
            f"UPDATE OF {', '.join(rule.columns)} ON {rule.table}",
            rule.broken("NEW"),
        ),
    }
    for column, other in rule.targets:
        pointing = (
            f"EXISTS (SELECT 1 FROM {rule.table} r WHERE r.{column} = NEW.id AND {rule.broken('r')})"
        )
        # Foreign keys are checked at commit: a row may be stored before its target.
        events[f"{rule.name}_{column}_insert"] = (f"INSERT ON {other}", pointing)
        events[f"{rule.name}_{column}_update"] = (
            f"UPDATE OF practice_id ON {other}",
            f"NEW.practice_id <> OLD.practice_id AND {pointing}",
        )
    return _as_triggers(rule, events)


def _as_triggers(rule: Rule, events: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {
        name: f"CREATE TRIGGER {name} AFTER {event} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {rule.name}'); END"
        for name, (event, condition) in events.items()
    }


def _postgresql_events(rule: Rule) -> Iterator[tuple[str, str, str, tuple[str, ...], str]]:
    if isinstance(rule, Fixed):
        yield rule.name, rule.table, "UPDATE", rule.columns, "id"
        return
    yield rule.name, rule.table, "INSERT OR UPDATE", rule.columns, "id"
    for column, other in rule.targets:
        yield f"{rule.name}_{column}", other, "UPDATE", ("practice_id",), column


def _postgresql_triggers(rule: Rule) -> Iterator[str]:
    """Deferred, except `Fixed`; named to run after foreign keys' triggers, which lock: the later
    transaction sees the other's writes.
    """
    if isinstance(rule, Fixed):
        yield POSTGRESQL_FIXED_FUNCTION.format(
            name=rule.name,
            old=", ".join(f"OLD.{column}" for column in rule.columns),
            new=", ".join(f"NEW.{column}" for column in rule.columns),
            fixed=rule.condition.format(row="OLD"),
            table=rule.table,
        )
        yield (
            f"CREATE CONSTRAINT TRIGGER {rule.name} AFTER UPDATE OF {', '.join(rule.columns)} "
            f"ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {rule.name}()"
        )
        return
    for function, table, event, columns, column in _postgresql_events(rule):
        yield POSTGRESQL_FUNCTION.format(
            function=function,
            old=", ".join(f"OLD.{name}" for name in columns),
            new=", ".join(f"NEW.{name}" for name in columns),
            table=rule.table,
            column=column,
            broken=rule.broken("r"),
            name=rule.name,
        )
        yield (
            f"CREATE CONSTRAINT TRIGGER {rule.name} AFTER {event} OF {', '.join(columns)} "
            f"ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
