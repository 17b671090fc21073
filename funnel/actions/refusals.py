"""How an action says no. A value that cannot stand is Django's ValidationError with its field;
someone who may not is PermissionDenied; the rest is here."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import OperationalError

Row = TypeVar("Row")

# PostgreSQL: lock_timeout, statement_timeout, deadlock. All of them left nothing behind.
WAITED_IN_VAIN = frozenset({"55P03", "57014", "40P01"})


class Doubtful(Exception):
    """Possible but improbable: the same call with `confirmed=True` saves it.

    `sentence` asks the person.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Closed(ValidationError):
    """The week's meeting is closed, and with it the week."""


class SavedInBetween(Exception, Generic[Row]):
    """Someone saved this row after it was shown; `stored` is theirs, unchanged."""

    def __init__(self, stored: Row) -> None:
        super().__init__("Someone else saved this at the same time.")
        self.stored = stored


class Busy(Exception):
    """Someone else held the rows for too long; nothing was changed, the same call may be tried
    again."""


@contextmanager
def refusing_when_busy() -> Iterator[None]:
    """Turns the database's way of saying that a lock was not to be had into Busy.

    Goes around the transaction, not into it: SQLite waits where the transaction begins. Any other
    OperationalError passes through.
    """
    try:
        yield
    except OperationalError as error:
        if _waited_in_vain(error.__cause__):
            raise Busy("Someone else is saving here right now.") from error
        raise


def _waited_in_vain(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.OperationalError):
        # The low byte is the error, the rest says more about it.
        return cause.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(cause, "pgcode", None) in WAITED_IN_VAIN
