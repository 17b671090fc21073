"""Exceptions of actions, besides ValidationError and PermissionDenied."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import OperationalError

from funnel.actions.faults import Fault, fault_of, is_deadlock

Row = TypeVar("Row")


class ConfirmationRequired(Exception):
    """Improbable: `confirmed=True` saves it. `sentence` is the question."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Closed(ValidationError):
    """The week's meeting is closed."""


class VersionConflict(Exception, Generic[Row]):
    """Changed since it was shown; `stored` is current."""

    def __init__(self, stored: Row) -> None:
        super().__init__("Someone else saved this in the meantime.")
        self.stored = stored


class Busy(Exception):
    """A lock timed out and nothing changed: retry. After a deadlock, at once."""

    fault = Fault.BUSY

    def __init__(self, sentence: str, *, is_deadlock: bool = False) -> None:
        super().__init__(sentence)
        self.is_deadlock = is_deadlock


@contextmanager
def refusing_when_busy() -> Iterator[None]:
    """Raise Busy for lock timeouts and deadlocks.

    Around the transaction: SQLite waits at its start, PostgreSQL may find deadlocks at commit.
    """
    try:
        yield
    except OperationalError as error:
        if fault_of(error) is Fault.BUSY:
            raise Busy(Fault.BUSY.sentence, is_deadlock=is_deadlock(error)) from error
        raise
