from typing import Any

from django.db import OperationalError
from django.db.backends.ddl_references import Statement
from django.db.backends.sqlite3 import schema
from django.db.models import Model

# SQLite checks every trigger of the database when any table is renamed, and names the one that
# mentions a table or a column that does not exist.
CHECK_TRIGGERS = (
    "CREATE TABLE checked_triggers (id integer)",
    "ALTER TABLE checked_triggers RENAME TO triggers_checked",
    "DROP TABLE triggers_checked",
)


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Removes all triggers before the first change of a table, and creates them again on leaving.

    Django changes most columns by a new table that takes the old one's name. SQLite drops a
    table's triggers with it, and refuses the renaming while a trigger of another table mentions it.

    Triggers of a deleted table are not created again. Raises OperationalError, naming the trigger,
    where one mentions a deleted table or column: drop its rule first. SQL that is only collected
    (sqlmigrate) does not show any of this.
    """

    def __enter__(self) -> "DatabaseSchemaEditor":
        # (table, SQL) of each trigger, None while they are in place.
        self._removed: list[tuple[str, str]] | None = None
        super().__enter__()
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        # A transaction that is rolled back brings them back by itself.
        if exc_type is None or not self.atomic_migration:
            try:
                self._create_triggers()
            except BaseException as error:
                super().__exit__(type(error), error, error.__traceback__)
                raise
        super().__exit__(exc_type, exc_value, traceback)

    def execute(self, sql: Statement | str, params: Any = ()) -> None:
        """Run a statement, with the triggers out of its way or in place, as it needs."""
        first, second, *_ = [*str(sql).upper().split(None, 2), "", ""]
        if second == "TRIGGER":
            self._create_triggers()
        elif second == "TABLE" and first in {"ALTER", "DROP"}:
            self._remove_triggers()
        super().execute(sql, params)

    def alter_db_table(self, model: type[Model], old_db_table: str, new_db_table: str) -> None:
        """Rename a table. Raises OperationalError where it has triggers, which would be lost."""
        self._remove_triggers()
        if any(table == old_db_table for table, _ in self._removed or ()):
            raise OperationalError(
                f"{old_db_table} has rules: drop them before it is renamed, and add them after."
            )
        super().alter_db_table(model, old_db_table, new_db_table)

    def _remove_triggers(self) -> None:
        if self.collect_sql or self._removed is not None:
            return
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _, _ in triggers:
                cursor.execute(f"DROP TRIGGER {self.quote_name(name)}", None)
        self._removed = [(table, sql) for _, table, sql in triggers]

    def _create_triggers(self) -> None:
        if not self._removed:
            self._removed = None
            return
        with self.connection.cursor() as cursor:
            tables = set(self.connection.introspection.table_names(cursor))
            for table, sql in self._removed:
                if table in tables:
                    cursor.execute(sql, None)
            for sql in CHECK_TRIGGERS:
                cursor.execute(sql)
        self._removed = None
