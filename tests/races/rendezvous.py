"""Force a race instead of hoping for it.

A rendezvous is at the place where the harm would happen. Where a lock blocks the second person, the
first waits for `PATIENCE` and goes on alone; without it, both are there at once. Each race is run
both ways, to show that the lock prevents the harm.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import connection
from django.db.models import QuerySet

# Longer than the other needs to come when nothing holds them back; that takes milliseconds.
PATIENCE = 0.7
BOUND = 15


def at_once(*calls):
    """What each call returned or raised, run in threads of their own."""

    def run(call):
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(run, call) for call in calls]
        return [future.result(timeout=BOUND) for future in running]


def meet_before(monkeypatch, *places):
    """Make the caller of one of the places, (module, name), wait for another caller, and go on
    alone if none comes. Only the first two wait."""
    meeting_point, seats = threading.Barrier(2), threading.Semaphore(2)

    def waiting(real):
        def call(*args, **kwargs):
            if seats.acquire(blocking=False):
                with suppress(threading.BrokenBarrierError):
                    meeting_point.wait(PATIENCE)
            return real(*args, **kwargs)

        return call

    for module, name in places:
        monkeypatch.setattr(module, name, waiting(getattr(module, name)))


def without_locks(monkeypatch):
    """The naive variant: rows are read without blocking others."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows.all())
