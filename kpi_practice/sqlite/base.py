from django.db.backends.sqlite3 import base

from kpi_practice.sqlite.schema import DatabaseSchemaEditor


class DatabaseWrapper(base.DatabaseWrapper):
    """`vendor` remains "sqlite"."""

    SchemaEditorClass = DatabaseSchemaEditor
