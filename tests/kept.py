"""Rows that many tests begin with: made once through the actions, put back as rows after that.

Isolation is not touched: each test begins with an empty database, as before, and gets rows of its
own in it. Only how they get there differs, from the second time on.
"""

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from funnel.models import Practice, User

# Filled by the migrations; no test begins without them.
ALWAYS_THERE = (ContentType, Permission)


def kept(make: Callable[[], Any]) -> Any:
    """Turn `make` into a fixture of that name: its rows and its result, made once."""
    maker = Kept(make)

    @pytest.fixture(name=make.__name__)
    def put_back(db: None) -> Any:
        return maker()

    return put_back


class Kept:
    """`Kept(make)()` is `make()`: its first result, in objects of the caller's own.

    The first time in an empty database, `make` is called and all its rows are stored with the
    pickled result. From then on, in an empty database, the rows are restored by one statement a
    table, with their ids; no action, signal or `on_commit` runs again. In a database with users no
    rows are restored: there `make` is called.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._statements: list[str] = []
        self._result = b""

    def __call__(self) -> Any:
        if User.objects.exists() or Practice.objects.exists():
            return self._make()
        if self._result:
            self._put_back()
        else:
            result = self._make()
            self._keep()
            self._result = pickle.dumps(result)
        # Unpickled the first time too, so that no test sees other objects than the next.
        return pickle.loads(self._result)  # noqa: S301 - our own, of a moment ago

    def _keep(self) -> None:
        filled = []
        for model in _models():
            if statement := _insert(model._meta.db_table):
                self._statements.append(statement)
                filled.append(model)
        # PostgreSQL counts on by itself only where it gave the number; of SQLite nothing is asked.
        self._statements += connection.ops.sequence_reset_sql(no_style(), filled)

    def _put_back(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in self._statements:
                cursor.execute(statement)


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model not in ALWAYS_THERE:
            yield model


def _insert(table: str) -> str:
    """The statement that puts back all rows of that table; nothing when there are none.

    The database writes its values down itself: on their way through Python some change their type.
    """
    quote_value = "quote" if connection.vendor == "sqlite" else "quote_nullable"
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
        columns = [connection.ops.quote_name(column.name) for column in described]
        row = " || ', ' || ".join(f"{quote_value}({column})" for column in columns)
        cursor.execute(f"SELECT {row} FROM {name}")  # noqa: S608 - no word of it is a stranger's
        rows = ", ".join(f"({values})" for (values,) in cursor.fetchall())
    return rows and f"INSERT INTO {name} ({', '.join(columns)}) VALUES {rows}"  # noqa: S608
