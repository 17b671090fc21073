"""Compare the pages with a bare logged-in page and print a table of the targets.

The exit status is 0 even if targets are missed. The first run of a week creates its data, which
takes minutes.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from bench import databases, report
from bench.client import Visit, fetch
from bench.measure import FULL, QUICK, Effort, Side, compare, corrections
from bench.scenarios import FIRST_VISIT, IMPORTS, NAMES, SCENARIOS, Import, Scenario, Spot
from bench.servers import Server, serving
from bench.weigh import weigh

VALUES = (160, 170)
# Imports per file, each in its own process.
IMPORTED = 3


class Bench:
    """Servers of one database system, started on demand."""

    def __init__(self, vendor: str, server_url: str | None, stack: ExitStack) -> None:
        self.vendor = vendor
        self.missed: list[str] = []
        self._server_url = server_url
        self._stack = stack
        self._servers: dict[tuple[str, bool, bool], Server] = {}
        self._sessions: dict[Spot, str] = {}

    def run(self, names: Sequence[str], effort: Effort) -> None:
        for name in names:
            if name == FIRST_VISIT:
                spot = SCENARIOS["dashboard-5"].page
                weight = weigh(self.server(spot).port, self.visit(spot))
                self._print("First visit: dashboard, 5 KPIs", "", report.of_first_visit(weight))
            elif name in IMPORTS:
                self._import(IMPORTS[name])
            else:
                self._run_one(SCENARIOS[name], effort)

    def _import(self, size: Import) -> None:
        url = databases.database_url("imports", self._server_url)
        command = [sys.executable, "-m", "bench.importing", str(size.kpis), str(size.weeks)]
        took = []
        for _ in range(IMPORTED):
            done = subprocess.run(
                command,
                cwd=databases.ROOT,
                env=databases.environment(url),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            took.append(json.loads(done.stdout))
        self._print(size.title, "", report.of_import(took, size))

    def _run_one(self, scenario: Scenario, effort: Effort) -> None:
        lines = []
        fresh = None
        if scenario.statements is not None:
            counts = self._count_post(scenario) if scenario.saves else self._count(scenario)
            lines += report.of_statements(counts, scenario.statements)
        visit = self.visit(scenario.page)
        if scenario.saves:
            # Counting has already stored the first number and one correction.
            fresh = corrections(replace(visit, fields={"confirm": "yes"}), 2, VALUES)
        misses = scenario.misses
        status = 302 if fresh else 200
        page = Side(self.server(scenario.page, misses=misses), visit, fresh, status=status)
        spots = scenario.bases
        bases = [Side(self.server(it, misses=misses), self.visit(it)) for it in spots.values()]
        first, *others = zip(spots, compare(page, bases, effort), strict=True)
        found = report.of_comparison(first[1], first[0], scenario.limits)
        for name, comparison in others:
            found += report.of_comparison(comparison, name)
        lines = [*found, *lines]
        if not scenario.saves:
            lines += report.of_html(weigh(page.server.port, visit))
        took, base_took = first[1].milliseconds()
        self._print(scenario.title, f"{took:.1f} ms, {first[0]} {base_took:.1f} ms", lines)

    def _count(self, scenario: Scenario) -> dict[str, int]:
        """For a hit, the second request counts."""
        spot, visit = scenario.page, self.visit(scenario.page)
        self._statements(spot, visit, misses=scenario.misses)
        return {"statements": self._statements(spot, visit, misses=scenario.misses)}

    def _count_post(self, scenario: Scenario) -> dict[str, int]:
        """Count the week's first number, then a correction."""
        _, _, slug, _, week, kpi, _ = scenario.page.path.split("/")
        self._prepare(scenario.page, "forget", slug, kpi, week)
        counts = {}
        for label, version, value in (
            ("statements, a week's first number", "", VALUES[0]),
            ("statements, a correction", "1", VALUES[1]),
        ):
            fields = {"value": str(value), "version": version, "confirm": "yes"}
            visit = replace(self.visit(scenario.page), fields=fields)
            counts[label] = self._statements(scenario.page, visit, status=302)
        return counts

    def _statements(
        self, spot: Spot, visit: Visit, status: int = 200, *, misses: bool = False
    ) -> int:
        answer = fetch(self.server(spot, counts=True, misses=misses).port, visit)
        if answer.status != status:
            raise RuntimeError(f"{visit.path} answered {answer.status}: {answer.text[:2000]}")
        return int(answer.headers["x-statements"])

    def server(self, spot: Spot, *, counts: bool = False, misses: bool = False) -> Server:
        key = (spot.dataset, counts, misses)
        if key not in self._servers:
            url = databases.database_url(spot.dataset, self._server_url)
            self._servers[key] = self._stack.enter_context(
                serving(url, counts=counts, misses=misses)
            )
        return self._servers[key]

    def visit(self, spot: Spot) -> Visit:
        if not spot.email:
            return Visit(spot.path, token=spot.token)
        if spot not in self._sessions:
            self._sessions[spot] = json.loads(self._prepare(spot, "sign-in", spot.email))[
                spot.email
            ]
        return Visit(spot.path, self._sessions[spot])

    def _prepare(self, spot: Spot, *arguments: str) -> str:
        command = [sys.executable, "-m", "bench.prepare", *arguments]
        url = databases.database_url(spot.dataset, self._server_url)
        environment = databases.environment(url)
        return subprocess.run(
            command,
            cwd=databases.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def _print(self, title: str, note: str, lines: Sequence[report.Line]) -> None:
        print(f"\n{self.vendor} · {title}{f' · {note}' if note else ''}\n{report.HEAD}")
        for line in lines:
            print(line, flush=True)
            if line.is_over:
                self.missed.append(f"{self.vendor} · {title}: {str(line).strip()}")


def server_urls(wanted: str) -> dict[str, str | None]:
    """Return the server URLs, None for SQLite. Raises SystemExit if the URL of PostgreSQL is
    missing."""
    given = (os.environ.get(name, "") for name in ("TEST_DATABASE_URL", "DATABASE_URL"))
    postgresql = next((url for url in given if url.startswith("postgres")), None)
    urls: dict[str, str | None] = {}
    if wanted in {"sqlite", "both"}:
        urls["SQLite"] = None
    if wanted in {"postgresql", "both"}:
        if postgresql:
            urls["PostgreSQL"] = postgresql
        elif wanted == "postgresql":
            raise SystemExit("Set TEST_DATABASE_URL to the PostgreSQL to measure on.")
        else:
            print("PostgreSQL: not measured, because TEST_DATABASE_URL is not set.")
    return urls


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument(
        "--only",
        choices=NAMES,
        action="append",
        metavar="NAME",
        help=f"one of {', '.join(NAMES)}; may be repeated",
    )
    parser.add_argument("--rounds", type=int, help=f"{FULL.rounds} by default")
    parser.add_argument("--quick", action="store_true", help="few short rounds: a first look")
    parser.add_argument("--clean", action="store_true", help="remove the benchmark's data")
    options = parser.parse_args(argv)
    urls = server_urls(options.database)
    if options.clean:
        for url in urls.values():
            databases.remove(url)
        return 0
    effort = QUICK if options.quick else FULL
    if options.rounds:
        effort = replace(effort, rounds=max(1, options.rounds))

    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {effort.rounds} rounds of "
        f"{effort.pairs} pairs, one worker with 4 threads"
    )
    collect_static()
    missed = []
    for vendor, url in urls.items():
        databases.remove_outdated(url)
        with ExitStack() as stack:
            bench = Bench(vendor, url, stack)
            bench.run(options.only or NAMES, effort)
            missed += bench.missed
    print(f"\n{len(missed)} targets missed" + (":" if missed else "."))
    for line in missed:
        print(f"  {line}")
    return 0


def collect_static() -> None:
    command = [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity", "0"]
    environment = databases.environment("sqlite://:memory:")
    subprocess.run(command, cwd=databases.ROOT, env=environment, check=True)


def _end(signum: int, frame: object) -> None:
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    # Exit through the context managers that stop the servers, as Ctrl+C does.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
