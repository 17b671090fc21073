"""Rules that the database enforces beyond the models' constraints, read from its own catalog."""

import re

from django.db import connection

POSTGRESQL_RULES = """
    SELECT conname, contype, conrelid::regclass::text FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND (
        contype IN ('x', 't')
        OR (contype = 'f' AND cardinality(conkey) > 1)
        OR (contype = 'c' AND pg_get_constraintdef(oid) ILIKE '%isodow%')
    )
"""


def stored_rules():
    """Their names."""
    return {name for name, _ in drops()}


def drop_rule(name):
    """Remove one, so that a test can show that nothing else enforces it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # No table is altered while checks of its rows are pending.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        statements = [sql for rule, sql in drops() if rule == name]
        assert statements
        for sql in statements:
            cursor.execute(sql)


def drops():
    """(rule, statement that drops it or a part of it) of each."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            return [
                (
                    re.search(r"RAISE\(ABORT, 'constraint failed: (\w+)'\)", sql)[1],
                    f"DROP TRIGGER {n}",
                )
                for n, sql in cursor.fetchall()
            ]
        cursor.execute(POSTGRESQL_RULES, None)
        return [
            (name, f"DROP TRIGGER {name} ON {table}")
            if kind == "t"
            else (name, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            for name, kind, table in cursor.fetchall()
        ]
