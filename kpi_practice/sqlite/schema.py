from typing import Any

from django.db import OperationalError
from django.db.backends.ddl_references import Statement
from django.db.backends.sqlite3 import schema
from django.db.models import Model

# Renaming a table makes SQLite check all triggers and name an invalid one.
CHECK_TRIGGERS = (
    "CREATE TABLE checked_triggers (id integer)",
    "ALTER TABLE checked_triggers RENAME TO triggers_checked",
    "DROP TABLE triggers_checked",
)


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Drops triggers before the first change and recreates them on exit.

    Django replaces tables: SQLite drops their triggers and refuses some renames. Raises
    OperationalError for triggers of deleted tables or columns.
    """

    def __enter__(self) -> "DatabaseSchemaEditor":
        # (table, SQL) of removed triggers, None if in place.
        self._removed: list[tuple[str, str]] | None = None
        super().__enter__()
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        # A rollback restores them.
        if exc_type is None or not self.atomic_migration:
            try:
                self._create_triggers()
            except BaseException as error:
                super().__exit__(type(error), error, error.__traceback__)
                raise
        super().__exit__(exc_type, exc_value, traceback)

    def execute(self, sql: Statement | str, params: Any = ()) -> None:
        first, second, *_ = [*str(sql).upper().split(None, 2), "", ""]
        if second == "TRIGGER":
            self._create_triggers()
        elif second == "TABLE" and first in {"ALTER", "DROP"}:
            self._remove_triggers()
        super().execute(sql, params)

    def alter_db_table(self, model: type[Model], old_db_table: str, new_db_table: str) -> None:
        """Raises OperationalError for tables with triggers."""
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
