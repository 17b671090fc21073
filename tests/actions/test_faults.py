"""actions/faults.py: which errors are the database's trouble, and which are ours."""

import errno
import sqlite3

import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)

from funnel.actions.faults import Fault, fault_of, is_deadlock, may_fail


def of_postgresql(kind, code):
    """Django's error of that kind, because of the driver's with that code."""
    cause = Exception("of the driver")
    cause.pgcode = code
    return because(kind, cause)


def of_sqlite(kind, code):
    cause = sqlite3.OperationalError("of the driver")
    cause.sqlite_errorcode = code
    return because(kind, cause)


def because(kind, cause):
    error = kind("of Django")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("kind", "code", "fault"),
    [
        (OperationalError, "55P03", Fault.BUSY),
        (OperationalError, "57014", Fault.BUSY),
        (OperationalError, "40P01", Fault.BUSY),
        (OperationalError, "53100", Fault.READ_ONLY),
        (OperationalError, "58030", Fault.READ_ONLY),
        (InternalError, "25006", Fault.READ_ONLY),
        (OperationalError, None, Fault.GONE),
        (InterfaceError, None, Fault.GONE),
        (DatabaseError, None, Fault.GONE),
        (OperationalError, "57P01", Fault.GONE),
        (OperationalError, "57P03", Fault.GONE),
        (OperationalError, "53300", Fault.GONE),
        (OperationalError, "08006", Fault.GONE),
        (InternalError, "25P02", None),
        (ProgrammingError, "42P01", None),
        (ProgrammingError, None, None),
        (IntegrityError, "23505", None),
    ],
)
def test_the_codes_of_postgresql(kind, code, fault):
    assert fault_of(of_postgresql(kind, code)) is fault


@pytest.mark.parametrize(
    ("kind", "code", "fault"),
    [
        (OperationalError, sqlite3.SQLITE_BUSY, Fault.BUSY),
        (OperationalError, sqlite3.SQLITE_BUSY_SNAPSHOT, Fault.BUSY),
        (OperationalError, sqlite3.SQLITE_LOCKED, Fault.BUSY),
        (OperationalError, sqlite3.SQLITE_FULL, Fault.READ_ONLY),
        (OperationalError, sqlite3.SQLITE_READONLY, Fault.READ_ONLY),
        (OperationalError, sqlite3.SQLITE_READONLY_DBMOVED, Fault.READ_ONLY),
        (OperationalError, sqlite3.SQLITE_IOERR_SHMSIZE, Fault.GONE),
        (OperationalError, sqlite3.SQLITE_CANTOPEN, Fault.GONE),
        # No such table: a mistake, which another try does not put right.
        (OperationalError, sqlite3.SQLITE_ERROR, None),
        (DatabaseError, sqlite3.SQLITE_CORRUPT, None),
        (IntegrityError, sqlite3.SQLITE_CONSTRAINT_UNIQUE, None),
    ],
)
def test_the_codes_of_sqlite(kind, code, fault):
    assert fault_of(of_sqlite(kind, code)) is fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), Fault.READ_ONLY),
        (OSError(errno.EROFS, "Read-only file system"), Fault.READ_ONLY),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (ValueError("ours"), None),
    ],
)
def test_a_disk_without_room_and_a_mistake_of_ours(error, fault):
    assert fault_of(error) is fault


def test_only_postgresql_knows_a_deadlock():
    assert is_deadlock(of_postgresql(OperationalError, "40P01"))
    assert not is_deadlock(of_postgresql(OperationalError, "55P03"))
    assert not is_deadlock(of_sqlite(OperationalError, sqlite3.SQLITE_BUSY))


def test_what_only_keeps_count_may_fail(caplog):
    with may_fail():
        raise of_sqlite(OperationalError, sqlite3.SQLITE_FULL)
    assert caplog.messages == ["A count was not written: of Django"]


def test_what_only_keeps_count_may_not_be_wrong():
    with pytest.raises(OperationalError), may_fail():
        raise of_sqlite(OperationalError, sqlite3.SQLITE_ERROR)
