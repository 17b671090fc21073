"""Errors of the database or disk that are not bugs: 503, not 500."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from django.db import DatabaseError, Error, InterfaceError, OperationalError

log = logging.getLogger(__name__)

# PostgreSQL's codes (docs, appendix A).
DEADLOCK = "40P01"
# lock_timeout, statement_timeout, deadlock. All leave the data unchanged.
WAITED_IN_VAIN = frozenset({"55P03", "57014", DEADLOCK})
# Disk full, input and output error, read-only transaction (a standby server).
CANNOT_WRITE = frozenset({"53100", "58030", "25006"})
# Connection, resources (too many connections), shutdown, system.
GONE_CLASSES = frozenset({"08", "53", "57", "58"})
# SQLite's own, without what is more precise in the higher bytes.
PRIMARY = 0xFF
SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
SQLITE_CANNOT_WRITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY})
SQLITE_GONE = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL})
# The driver's most general error is what it raises where a connection breaks off in an answer.
OF_CONNECTIONS = (OperationalError, InterfaceError, DatabaseError)
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class Fault(Enum):
    """`title` and `sentence` are for people, `retry_seconds` for Retry-After."""

    BUSY = (
        "Someone else is saving here",
        "Someone is saving here right now, and it takes longer than usual. "
        "Nothing was changed: send it again.",
        2,
    )
    READ_ONLY = (
        "Nothing can be saved at the moment",
        "The server cannot save anything at the moment: its disk is full or read-only. Nothing was "
        "changed, and what is stored can be read. Send it again when that is repaired.",
        60,
    )
    GONE = (
        "The database does not answer",
        "Our database does not answer at the moment. What was sent may not be saved: send it again "
        "in a moment. Saving twice does no harm.",
        10,
    )

    def __init__(self, title: str, sentence: str, retry_seconds: int) -> None:
        self.title = title
        self.sentence = sentence
        self.retry_seconds = retry_seconds


def fault_of(error: BaseException) -> Fault | None:
    """Return the fault of a database, file or own exception, None for bugs."""
    if isinstance(error, OSError):
        return Fault.READ_ONLY if error.errno in NO_ROOM else None
    if not isinstance(error, Error):
        return getattr(error, "fault", None)
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    return _of_postgresql(error, getattr(cause, "pgcode", None))


def is_deadlock(error: BaseException) -> bool:
    """Whether PostgreSQL ended a deadlock. SQLite has none: its writers wait at the start."""
    return getattr(error.__cause__, "pgcode", None) == DEADLOCK


@contextmanager
def may_fail() -> Iterator[list[DatabaseError]]:
    """Log a fault and continue, for counters; yield a list of it.

    Not inside a transaction: PostgreSQL aborts it.
    """
    failed: list[DatabaseError] = []
    try:
        yield failed
    except DatabaseError as error:
        if fault_of(error) is None:
            raise
        failed.append(error)
        log.warning("A count was not written: %s", error)


def _of_sqlite(cause: sqlite3.Error) -> Fault | None:
    code = getattr(cause, "sqlite_errorcode", 0) & PRIMARY
    if code in SQLITE_BUSY:
        return Fault.BUSY
    if code in SQLITE_CANNOT_WRITE:
        return Fault.READ_ONLY
    return Fault.GONE if code in SQLITE_GONE else None


def _of_postgresql(error: Error, code: str | None) -> Fault | None:
    if code in WAITED_IN_VAIN:
        return Fault.BUSY
    if code in CANNOT_WRITE:
        return Fault.READ_ONLY
    if code is not None:
        return Fault.GONE if code[:2] in GONE_CLASSES else None
    # Without a code it is the connection: refused, cut off, closed, or given up by us.
    return Fault.GONE if type(error) in OF_CONNECTIONS else None
