"""How an action says no. A value that cannot stand is Django's ValidationError with its field;
someone who may not is PermissionDenied; the rest is here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import OperationalError

from funnel.actions.faults import Fault, fault_of, is_deadlock

Row = TypeVar("Row")


class ConfirmationRequired(Exception):
    """Possible but improbable: the same call with `confirmed=True` saves it.

    `sentence` asks the person.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Closed(ValidationError):
    """The week's meeting is closed, and with it the week."""


class VersionConflict(Exception, Generic[Row]):
    """Someone saved this row after it was shown; `stored` is theirs, unchanged."""

    def __init__(self, stored: Row) -> None:
        super().__init__("Someone else saved this in the meantime.")
        self.stored = stored


class Busy(Exception):
    """Someone else held the rows for too long; nothing was changed, the same call may be tried
    again. `is_deadlock`: at once, for the other one goes on."""

    fault = Fault.BUSY

    def __init__(self, sentence: str, *, is_deadlock: bool = False) -> None:
        super().__init__(sentence)
        self.is_deadlock = is_deadlock


@contextmanager
def refusing_when_busy() -> Iterator[None]:
    """Turn the database's way of saying that a lock was not to be had into Busy.

    Goes around the transaction, not into it: SQLite waits where the transaction begins, and
    PostgreSQL may find a deadlock at the commit. Any other OperationalError passes through.
    `writing` has it already.
    """
    try:
        yield
    except OperationalError as error:
        if fault_of(error) is Fault.BUSY:
            raise Busy(Fault.BUSY.sentence, is_deadlock=is_deadlock(error)) from error
        raise
