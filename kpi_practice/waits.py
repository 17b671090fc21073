"""Bound how long a request waits for PostgreSQL.

statement_timeout does not help with a frozen or unreachable server, nor does TCP: the kernel still
confirms. psycopg2's `set_wait_callback` therefore closes the connection and raises
OperationalError. Only during requests: commands may take longer.
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
    """Deadline and longest wait of this thread; None: unlimited."""

    until: float | None = None
    patience: float | None = None


_mine = Waits()
_silent = threading.Event()


def install(patience: float) -> None:
    """For every connection of this process: at most `patience` seconds per statement."""
    _Settings.patience = patience
    set_wait_callback(wait)
    request_finished.connect(end, dispatch_uid=__name__)


class _Settings:
    patience: float | None = None


def begin() -> None:
    _mine.patience = _Settings.patience
    _mine.until = monotonic() + WHOLE_REQUEST


def answered() -> None:
    """Streamed bodies may take longer as a whole."""
    _mine.until = None


def end(**_: Any) -> None:
    _mine.until = _mine.patience = None


def wait(made: connection) -> None:
    """Raises psycopg2's OperationalError."""
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
    """Deadline (None: never), and whether it is that of the whole request."""
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
    """Whether the socket is ready in time. `select.select` fails from the 1,024th file on."""
    poll = select.poll()
    poll.register(made.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
    return bool(poll.poll(None if seconds is None else max(0, seconds) * 1000))
