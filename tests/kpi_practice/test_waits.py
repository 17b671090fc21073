"""kpi_practice/waits.py: a PostgreSQL that accepts connections and does not answer."""

import select
import socket
import threading
from contextlib import closing, contextmanager, suppress
from time import monotonic

import psycopg2
import pytest
from django.db import connection
from django.http import HttpResponse
from psycopg2.extensions import get_wait_callback, set_wait_callback

from kpi_practice import waits
from kpi_practice.unavailable import UnavailableMiddleware

PATIENCE = 0.3
# For a machine that is busy with other things; without a bound it would be for ever.
SLACK = 3.0


@pytest.fixture(autouse=True)
def _our_way_of_waiting(monkeypatch):
    before = get_wait_callback()
    monkeypatch.setattr(waits._Settings, "patience", PATIENCE)
    monkeypatch.setattr(waits, "AFTER_SILENCE", 0.05)
    set_wait_callback(waits.wait)
    waits._silent.clear()
    yield
    waits.end()
    waits._silent.clear()
    set_wait_callback(before)


@contextmanager
def request_running():
    waits.begin()
    try:
        yield
    finally:
        waits.answered()
        waits.end()


@pytest.fixture
def mute():
    """The DSN of a server that accepts connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"host=127.0.0.1 port={server.getsockname()[1]} user=kpi dbname=kpi sslmode=disable"


class Line:
    """The tests' own PostgreSQL behind a line that can be frozen: nothing comes through, and
    nothing is cut off."""

    def __init__(self, host, port):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.target = (host, int(port))
        self.open = threading.Event()
        self.open.set()
        self._stop, self._stopped = socket.socketpair()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self):
        while self._stopped not in select.select([self.server, self._stopped], [], [])[0]:
            ends = self.server.accept()[0], socket.create_connection(self.target)
            carrying = threading.Thread(target=self._carry, args=ends)
            self._threads.append(carrying)
            carrying.start()

    def _carry(self, client, server):
        with client, server, suppress(ConnectionError):
            while True:
                ready, _, _ = select.select([client, server, self._stopped], [], [])
                self.open.wait()
                if self._stopped in ready:
                    return
                for source, sink in ((client, server), (server, client)):
                    if source in ready:
                        data = source.recv(65536)
                        if not data:
                            return
                        sink.sendall(data)

    def close(self):
        """Let everything through and hang up."""
        self._stop.close()
        self.open.set()
        for thread in self._threads:
            thread.join(SLACK)
        self._stopped.close()
        self.server.close()


@pytest.fixture
def line(db):
    made = Line(connection.settings_dict["HOST"], connection.settings_dict["PORT"])
    yield made
    made.close()


def connect_by(line):
    settings = connection.settings_dict
    return psycopg2.connect(
        host="127.0.0.1",
        port=line.server.getsockname()[1],
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
    )


def seconds_until_given_up(call):
    began = monotonic()
    with pytest.raises(psycopg2.OperationalError, match="the connection is given up"):
        call()
    return monotonic() - began


def test_a_server_that_does_not_answer_a_connection_is_given_up(mute):
    with request_running():
        assert PATIENCE <= seconds_until_given_up(lambda: psycopg2.connect(mute)) < SLACK


def test_the_next_request_gives_up_sooner(mute):
    with request_running():
        seconds_until_given_up(lambda: psycopg2.connect(mute))
    with request_running():
        assert waits._until(NotReady(), 0)[0] == waits.AFTER_SILENCE


class NotReady:
    """A connection that is being made."""

    status = 0


class Ready:
    """A connection that was made."""

    status = psycopg2.extensions.STATUS_READY


def test_a_connection_is_waited_for_three_seconds_at_most(monkeypatch):
    monkeypatch.setattr(waits._Settings, "patience", 60.0)
    monkeypatch.setattr(waits, "monotonic", lambda: 100.0)
    with request_running():
        assert waits._until(NotReady(), 100.0) == (103.0, False)


def test_the_whole_request_waits_for_fifteen_seconds_at_most(monkeypatch):
    """Whatever the number of its statements; the last one is cut short, which says nothing about
    the server."""
    monkeypatch.setattr(waits._Settings, "patience", 6.0)
    monkeypatch.setattr(waits, "monotonic", lambda: 100.0)
    with request_running():
        assert waits._until(Ready(), 100.0) == (106.0, False)
        assert waits._until(Ready(), 112.0) == (115.0, True)


def test_a_body_that_is_streamed_may_take_longer_as_a_whole(monkeypatch):
    monkeypatch.setattr(waits._Settings, "patience", 6.0)
    waits.begin()
    waits.answered()
    assert waits._until(Ready(), 1000.0) == (1006.0, False)


def test_a_command_waits_for_as_long_as_it_takes():
    assert waits._until(Ready(), 0) == (None, False)
    with request_running():
        pass
    assert waits._until(Ready(), 0) == (None, False)


def test_the_middleware_bounds_a_request(rf, monkeypatch):
    seen = []

    def view(request):
        seen.append(waits._until(Ready(), 0)[0] is not None)
        return HttpResponse()

    UnavailableMiddleware(view)(rf.get("/"))
    assert seen == [True]
    assert waits._mine.until is None


@pytest.mark.postgresql
def test_a_statement_that_is_not_answered_is_given_up_and_the_connection_closed(line):
    made = connect_by(line)
    cursor = made.cursor()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    with request_running():
        line.open.clear()
        assert PATIENCE <= seconds_until_given_up(lambda: cursor.execute("SELECT 2")) < SLACK
    assert made.closed


@pytest.mark.postgresql
def test_a_commit_that_is_not_answered_is_given_up(line):
    made = connect_by(line)
    made.cursor().execute("SELECT 1")
    with request_running():
        line.open.clear()
        assert PATIENCE <= seconds_until_given_up(made.commit) < SLACK
    assert made.closed


@pytest.mark.postgresql
def test_an_answer_ends_the_haste(line):
    waits._silent.set()
    connect_by(line).close()
    assert not waits._silent.is_set()


@pytest.mark.postgresql
def test_left_to_the_driver_a_request_waits_until_the_server_is_back(line):
    set_wait_callback(None)
    made = connect_by(line)
    answers = []

    def ask():
        with request_running(), closing(made.cursor()) as cursor:
            cursor.execute("SELECT 2")
            answers.append(cursor.fetchone())

    line.open.clear()
    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(3 * PATIENCE)
    assert asking.is_alive()
    line.open.set()
    asking.join(SLACK)
    assert answers == [(2,)]
    made.close()
