"""actions/refusals.py: which of the database's errors mean that someone else was first."""

import sqlite3

import pytest
from django.db import IntegrityError, OperationalError

from funnel.actions.refusals import Busy, refusing_when_busy


def raised(error, cause):
    """What comes out where the database raises `error` because of `cause`."""
    with pytest.raises(Exception) as outcome, refusing_when_busy():  # noqa: PT011
        raise error from cause
    return outcome.type


def of_postgresql(code):
    cause = Exception("of the driver")
    cause.pgcode = code
    return cause


def of_sqlite(code):
    cause = sqlite3.OperationalError("of the driver")
    cause.sqlite_errorcode = code
    return cause


@pytest.mark.parametrize("code", ["55P03", "57014", "40P01"])
def test_a_lock_that_postgresql_did_not_give_is_busy(code):
    assert raised(OperationalError("no lock"), of_postgresql(code)) is Busy


@pytest.mark.parametrize(("code", "is_deadlock"), [("40P01", True), ("55P03", False)])
def test_a_deadlock_is_told_from_a_lock_waited_for(code, is_deadlock):
    with pytest.raises(Busy) as outcome, refusing_when_busy():
        raise OperationalError("no lock") from of_postgresql(code)
    assert outcome.value.is_deadlock is is_deadlock


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_LOCKED]
)
def test_a_lock_that_sqlite_did_not_give_is_busy(code):
    assert raised(OperationalError("no lock"), of_sqlite(code)) is Busy


@pytest.mark.parametrize(
    "cause", [of_postgresql("57P01"), of_sqlite(sqlite3.SQLITE_FULL), None], ids=repr
)
def test_a_database_that_is_broken_is_not_busy(cause):
    assert raised(OperationalError("broken"), cause) is OperationalError


def test_another_error_passes_through():
    assert raised(IntegrityError("twice"), of_postgresql("55P03")) is IntegrityError
