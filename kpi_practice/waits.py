"""How long a request waits for PostgreSQL.

The server gives up a statement after its statement_timeout, which a server that is frozen or out of
reach does not. psycopg2 waits without a bound, and TCP alone does not help: the kernel of a frozen
server's machine goes on confirming. So psycopg2 is given our own way of waiting
(`set_wait_callback`), which closes the connection and raises OperationalError when it is too long.

Only while a request is answered: commands may take as long as they need.
"""

import select
import threading
from time import monotonic
from typing import Any

from django.core.signals import request_finished
from psycopg2 import OperationalError
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    STATUS_BEGIN,
    STATUS_READY,
    connection,
    set_wait_callback,
)

# Seconds. The whole request, however many statements it makes; the proxy gives up after 35.
WHOLE_REQUEST = 15.0
CONNECT = 3.0
# Once the server was silent for too long, until it answers anybody: the requests that come now are
# answered one after the other, and the last of them waits for all.
AFTER_SILENCE = 0.5

READY = frozenset({STATUS_READY, STATUS_BEGIN})
GIVEN_UP = "PostgreSQL did not answer in {:.1f} seconds; the connection is given up."


class Waits(threading.local):
    """Until when the request of this thread may wait, and for how long at once; None: for ever."""

    until: float | None = None
    patience: float | None = None


_mine = Waits()
_silent = threading.Event()


def install(patience: float) -> None:
    """Let every connection of this process wait as this module says, at most `patience` seconds for
    one statement of a request."""
    _Settings.patience = patience
    set_wait_callback(wait)
    request_finished.connect(end, dispatch_uid=__name__)


class _Settings:
    patience: float | None = None


def begin() -> None:
    """A request has come in."""
    _mine.patience = _Settings.patience
    _mine.until = monotonic() + WHOLE_REQUEST


def answered() -> None:
    """The request is answered, but for a body that is streamed, which may take long as a whole."""
    _mine.until = None


def end(**_: Any) -> None:
    """The body is sent."""
    _mine.until = _mine.patience = None


def wait(made: connection) -> None:
    """Wait until the connection has what it was asked for. Raises psycopg2's OperationalError."""
    began = monotonic()
    until, is_cut_short = _until(made, began)
    while (state := made.poll()) != POLL_OK:
        if _comes(made, state, None if until is None else until - monotonic()):
            continue
        if not is_cut_short:
            _silent.set()
        # psycopg2 holds the connection's lock here, and closes it itself because of the exception.
        raise OperationalError(GIVEN_UP.format(monotonic() - began))
    if _silent.is_set():
        _silent.clear()


def _until(made: connection, now: float) -> tuple[float | None, bool]:
    """When to give up, None for never, and whether that is only because of the whole request."""
    patience = _mine.patience
    if patience is None:
        return None, False
    if made.status not in READY:
        patience = min(patience, CONNECT)
    if _silent.is_set():
        patience = min(patience, AFTER_SILENCE)
    whole = _mine.until
    if whole is not None and whole < now + patience:
        return whole, True
    return now + patience, False


def _comes(made: connection, state: int, seconds: float | None) -> bool:
    """Whether the socket can be read, or written to, in that time. Not `select.select`, which fails
    from the 1,024th file of a process on."""
    poll = select.poll()
    poll.register(made.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
    return bool(poll.poll(None if seconds is None else max(0, seconds) * 1000))
