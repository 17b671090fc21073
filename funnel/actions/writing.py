"""The transaction of a write, the version of the practice that it raises, and its second attempt
after a deadlock."""

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
    open that one with `writing()`. One statement a practice. The outermost block raises Busy where
    a lock was not to be had, and is not tried again: a block cannot be run twice, a function can
    (`writes`).
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
    """Add a practice to the running `writing` block, where it is known only inside.

    Raises RuntimeError outside of one.
    """
    pending: set[int] | None = getattr(connection, PENDING, None)
    if pending is None:
        raise RuntimeError("A practice is written to outside of a writing block.")
    pending.add(practice_id)


def writes(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in `writing`, for the practice of its `by`, `practice` or `meeting`.

    An action that founds its practice calls `touch`. One that PostgreSQL ended because of a
    deadlock is called once more, as if it had not been called before: what it did to the rows it
    was given is undone, and what it read it reads again. Not inside another block, whose locks are
    part of the deadlock: the outermost one is called again. Raises Busy.
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
    """What an action is given, and the state of the rows among it.

    A row's attributes are listed, not copied: what they point to an action reads and does not
    change. Some microseconds a row.
    """

    def __init__(self, args: Iterable[Any], kwargs: Mapping[str, Any]) -> None:
        self.args = tuple(_readable_twice(thing) for thing in args)
        self.kwargs = {name: _readable_twice(thing) for name, thing in kwargs.items()}
        self._rows: dict[int, tuple[Model, dict[str, Any], dict[str, Any]]] = {}
        self._find_rows(self.args)
        self._find_rows(self.kwargs)

    def restore(self) -> None:
        """Put the rows back to how they were given."""
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
