"""Transactions of writes, with the practice's version and a retry after a deadlock."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction
from django.db.models import Model

from funnel.access import Seat, Standing
from funnel.actions.refusals import Busy, refusing_when_busy

P = ParamSpec("P")
R = TypeVar("R")

# Set on the connection, where the state of the transaction is.
PENDING = "_practices_written"
# Not for a practice created and rolled back inside the block, as in a dry run.
RAISE = """
INSERT INTO funnel_practiceversion (practice_id, number)
SELECT id, 1 FROM funnel_practice WHERE id = %s
ON CONFLICT (practice_id) DO UPDATE SET number = funnel_practiceversion.number + 1
"""
# In the same round trip: foreign keys are checked before the version is locked.
CHECK_KEYS = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"


@contextmanager
def writing(*practice_ids: int) -> Iterator[None]:
    """Open a transaction and increment the version of each practice at its end.

    Nested blocks add practices to the outermost, which locks the versions last, in order of ids:
    all writers of a practice share that row, and locking it first would deadlock with locks of
    weeks and KPIs. PostgreSQL therefore checks deferred foreign keys before.

    Not guaranteed inside a plain `transaction.atomic()` that continues to write. One statement per
    practice. Raises Busy; only `writes` retries.
    """
    if _is_inside():
        outer: set[int] = getattr(connection, PENDING)
        outer.update(practice_ids)
        with transaction.atomic():
            yield
        return
    pending = set(practice_ids)
    setattr(connection, PENDING, pending)
    try:
        with refusing_when_busy(), transaction.atomic():
            yield
            if not connection.needs_rollback:
                _raise_versions(pending)
    finally:
        setattr(connection, PENDING, None)


def touch(practice_id: int) -> None:
    """Add a practice to the running `writing` block. RuntimeError outside."""
    pending: set[int] | None = getattr(connection, PENDING, None)
    if pending is None:
        raise RuntimeError("A practice is written to outside of a writing block.")
    pending.add(practice_id)


def writes(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in `writing`, for the practice of its `by`, `practice` or `meeting`.

    Retries once after a PostgreSQL deadlock with its rows restored, unless nested: the outermost
    holds locks. Raises Busy.
    """

    @wraps(action)
    def write(*args: P.args, **kwargs: P.kwargs) -> R:
        if _is_inside():
            with writing(*_practice_ids(kwargs)):
                return action(*args, **kwargs)
        given = _Given(args, kwargs)
        try:
            with writing(*_practice_ids(kwargs)):
                return action(*given.args, **given.kwargs)
        except Busy as refusal:
            if not refusal.is_deadlock:
                raise
        given.restore()
        with writing(*_practice_ids(kwargs)):
            return action(*given.args, **given.kwargs)

    return write


class _Given:
    """The arguments of an action and the state of rows among them.

    Attributes are not copied deeply. Some microseconds per row.
    """

    def __init__(self, args: Iterable[Any], kwargs: Mapping[str, Any]) -> None:
        self.args = tuple(_readable_twice(thing) for thing in args)
        self.kwargs = {name: _readable_twice(thing) for name, thing in kwargs.items()}
        self._rows: dict[int, tuple[Model, dict[str, Any], dict[str, Any]]] = {}
        self._find_rows(self.args)
        self._find_rows(self.kwargs)

    def restore(self) -> None:
        for row, attributes, state in self._rows.values():
            for there, earlier in ((vars(row), attributes), (vars(row._state), state)):
                there.clear()
                there.update(earlier)

    def _find_rows(self, thing: Any) -> None:
        if isinstance(thing, Model):
            self._note(thing)
        elif is_dataclass(thing):
            for field in fields(thing):
                self._find_rows(getattr(thing, field.name))
        elif isinstance(thing, Mapping):
            self._find_rows([*thing, *thing.values()])
        elif isinstance(thing, list | tuple):
            for part in thing:
                self._find_rows(part)

    def _note(self, row: Model) -> None:
        if id(row) in self._rows:
            return
        related = dict(row._state.fields_cache)
        state = {**vars(row._state), "fields_cache": related}
        self._rows[id(row)] = row, dict(vars(row)), state
        self._find_rows(list(related.values()))


def _readable_twice(thing: Any) -> Any:
    return list(thing) if isinstance(thing, Iterator) else thing


def _is_inside() -> bool:
    return getattr(connection, PENDING, None) is not None and connection.in_atomic_block


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
