"""The transaction of a write, and the version of the practice that it raises."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from funnel.access import Seat, Standing

P = ParamSpec("P")
R = TypeVar("R")

# Set on the connection, where the state of the transaction is.
PENDING = "_practices_written"
# Not for a practice whose founding was rolled back inside the block, as a rehearsal is.
RAISE = """
INSERT INTO funnel_practiceversion (practice_id, number)
SELECT id, 1 FROM funnel_practice WHERE id = %s
ON CONFLICT (practice_id) DO UPDATE SET number = funnel_practiceversion.number + 1
"""
# In the same round trip: foreign keys are checked before the version is locked.
CHECK_KEYS = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"


@contextmanager
def writing(*practice_ids: int) -> Iterator[None]:
    """Open a transaction, and raise the version of every practice written to at its end.

    A block inside another one adds its practices to the outermost block, which raises each of
    their versions once, in the order of their ids. A block that is rolled back raises none.

    The end of the outermost block, because raising a version locks its row until the commit. All
    writers of a practice share that row. Locked first, it would be held while a writer waits for a
    week or a KPI that another writer holds, who waits for the version: a deadlock. Locked last
    (week, entries, …, version), a writer who holds it waits for nothing but the versions of
    practices with higher ids. For the same reason PostgreSQL checks the deferred foreign keys
    before: left to the commit, they lock the rows they point to after the version.

    Not guaranteed inside a plain `transaction.atomic()` that goes on writing after the block:
    open that one with `writing()`. One statement a practice.
    """
    outer: set[int] | None = getattr(connection, PENDING, None)
    if outer is not None and connection.in_atomic_block:
        outer.update(practice_ids)
        with transaction.atomic():
            yield
        return
    pending = set(practice_ids)
    setattr(connection, PENDING, pending)
    try:
        with transaction.atomic():
            yield
            if not connection.needs_rollback:
                _raise_versions(pending)
    finally:
        setattr(connection, PENDING, None)


def touch(practice_id: int) -> None:
    """Add a practice to the running `writing` block, where it is known only inside.

    Raises RuntimeError outside of one.
    """
    pending: set[int] | None = getattr(connection, PENDING, None)
    if pending is None:
        raise RuntimeError("A practice is written to outside of a writing block.")
    pending.add(practice_id)


def writes(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in `writing`, for the practice of its `by`, `practice` or `meeting`.

    An action that founds its practice calls `touch`.
    """

    @wraps(action)
    def write(*args: P.args, **kwargs: P.kwargs) -> R:
        with writing(*_practice_ids(kwargs)):
            return action(*args, **kwargs)

    return write


def _practice_ids(given: Mapping[str, Any]) -> Iterator[int]:
    by = given.get("by")
    if isinstance(by, Seat):
        yield by.practice.pk
    elif isinstance(by, Standing):
        yield by.seat.practice.pk
    if (practice := given.get("practice")) is not None:
        yield practice.pk
    if (meeting := given.get("meeting")) is not None:
        yield meeting.practice_id


def _raise_versions(practice_ids: set[int]) -> None:
    statement = CHECK_KEYS + RAISE if connection.vendor == "postgresql" else RAISE
    with connection.cursor() as cursor:
        for practice_id in sorted(practice_ids):
            cursor.execute(statement, [practice_id])
