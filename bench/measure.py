"""Compare pages request by request, so that other load affects both alike."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median

from bench.client import Connection, Visit, fetch
from bench.ratios import Comparison, Round
from bench.servers import Server

MANY_CONNECTIONS = 8
TURNS = 4


@dataclass(frozen=True, slots=True)
class Side:
    """`fresh` returns a new visit per request."""

    server: Server
    visit: Visit
    fresh: Callable[[], Visit] | None = None
    status: int = 200

    @property
    def repeats(self) -> bool:
        """Concurrent saves would conflict."""
        return self.fresh is None


@dataclass(frozen=True, slots=True)
class Effort:
    """Rounds, request pairs per round, requests per throughput block."""

    rounds: int
    pairs: int
    block: int


FULL = Effort(rounds=9, pairs=40, block=80)
QUICK = Effort(rounds=3, pairs=15, block=32)


def compare(page: Side, bases: Sequence[Side], effort: Effort) -> list[Comparison]:
    """Raises RuntimeError for an unexpected response."""
    sides = (page, *bases)
    for side in sides:
        _check(side)
        _warm_up(side)
    rounds = [_round(sides, effort, turn) for turn in range(effort.rounds)]
    of_page, *of_bases = zip(*rounds, strict=True)
    return [Comparison(of_page, of_base) for of_base in of_bases]


def corrections(visit: Visit, version: int, values: tuple[int, int]) -> Callable[[], Visit]:
    """Successive corrections of a number."""
    numbers = count(version)

    def next_visit() -> Visit:
        number = next(numbers)
        fields = {**visit.fields, "version": str(number), "value": str(values[number % 2])}
        return Visit(visit.path, visit.session, visit.accepts, fields)

    return next_visit


def _round(sides: Sequence[Side], effort: Effort, turn: int) -> list[Round]:
    order = [(place + turn) % len(sides) for place in range(len(sides))]
    latencies: list[list[float]] = [[] for _ in sides]
    cpu = [0.0 for _ in sides]
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(side.server.port)) for side in sides]
        for _ in range(effort.pairs):
            for place in order:
                seconds, worked = _one(connections[place], sides[place])
                latencies[place].append(seconds)
                cpu[place] += worked
    rates: list[list[float]] = [[0.0, 0.0] for _ in sides]
    if all(side.repeats for side in sides):
        of_one, of_many = (_rates(sides, count, effort.block) for count in (1, MANY_CONNECTIONS))
        rates = [list(pair) for pair in zip(of_one, of_many, strict=True)]
    return [
        Round(median(latencies[place]), cpu[place] / effort.pairs, *rates[place])
        for place in range(len(sides))
    ]


def _one(connection: Connection, side: Side) -> tuple[float, float]:
    """(seconds until the last byte, CPU seconds until the worker is idle)."""
    visit = side.fresh() if side.fresh else side.visit
    request = visit.encoded(side.server.port)
    before = side.server.settled_cpu_seconds()
    start = time.perf_counter()
    received = connection.send(request)
    seconds = time.perf_counter() - start
    worked = side.server.settled_cpu_seconds() - before
    if not received.startswith(b"HTTP/1.1 %d" % side.status):
        raise RuntimeError(f"{visit.path} answered {received[:200]!r}")
    return seconds, worked


def _rates(sides: Sequence[Side], connections: int, requests: int) -> list[float]:
    """Requests per second; the sides alternate in small blocks."""
    each = max(1, requests // connections // TURNS)
    seconds = [0.0 for _ in sides]
    places = range(len(sides))
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(connections))
        opened = [stack.enter_context(_open(side, connections)) for side in sides]
        for turn in range(TURNS):
            for index in places if turn % 2 else reversed(places):
                seconds[index] += _block(pool, opened[index], sides[index], each)
    return [TURNS * each * connections / spent for spent in seconds]


def _block(pool: ThreadPoolExecutor, opened: Sequence[Connection], side: Side, each: int) -> float:
    request = side.visit.encoded(side.server.port)

    def ask(connection: Connection) -> None:
        for _ in range(each):
            connection.send(request)

    start = time.perf_counter()
    for done in [pool.submit(ask, connection) for connection in opened]:
        done.result()
    return time.perf_counter() - start


@contextmanager
def _open(side: Side, connections: int) -> Iterator[list[Connection]]:
    request = side.visit.encoded(side.server.port)
    with ExitStack() as stack:
        opened = [stack.enter_context(Connection(side.server.port)) for _ in range(connections)]
        for connection in opened:
            connection.send(request)
        yield opened


def _check(side: Side) -> None:
    visit = side.fresh() if side.fresh else side.visit
    answer = fetch(side.server.port, visit)
    if answer.status != side.status:
        raise RuntimeError(
            f"{visit.path} answered {answer.status}, not {side.status}: {answer.text[:500]}"
        )


def _warm_up(side: Side) -> None:
    """Every worker thread must have its connection and templates."""
    if side.repeats:
        with ThreadPoolExecutor(MANY_CONNECTIONS) as pool, _open(side, MANY_CONNECTIONS) as opened:
            _block(pool, opened, side, each=5)
