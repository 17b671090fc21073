#!/usr/bin/env python3
"""Development commands: python3 dev.py run | test | coverage | lint | bench | screenshots.

Needs only Python 3.11: the rest is installed below this folder, once.
"""

import argparse
import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
SECRET_KEY_FILE = ROOT / ".secret-key"
# By file, as tests of a file share fixtures. `auto` makes way for --pdb.
SPREAD = ("-n", "auto", "--dist", "loadfile")
DEMO_PASSWORD = "weekly-demo-1"  # noqa: S105
DEMO_NAMES = ("marketing", "frontdesk", "coordinator", "doctor", "viewer", "manager", "admin")

# Prints whether the database has a practice, whether it is the one beside this file, and the number
# of unapplied migrations.
PROBE = """
import django
django.setup()
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from funnel.models import Practice
tables = connection.introspection.table_names()
holds = Practice._meta.db_table in tables and Practice._base_manager.exists()
own = str(settings.DATABASES["default"]["NAME"]) == str(settings.BASE_DIR / "db.sqlite3")
executor = MigrationExecutor(connection)
plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
print("practice" if holds else "empty", "own" if own else "given", len(plan))
"""


class Failure(Exception):
    """Ends the command with a message."""


# ---------------------------------------------------------------- commands


def run(args: Sequence[str]) -> int:
    """Install, prepare the database and serve; return only on failure."""
    no_arguments("run", args)
    install(dev=False)
    port = free_port(int(os.environ.get("PORT") or 8000))
    environment = trial_environment(port)
    prepare_database(environment)
    environment["ANNOUNCEMENT"] = announcement(port)
    sys.stdout.flush()
    gunicorn = str(VENV / "bin" / "gunicorn")
    command = [gunicorn, "--threads", "4", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    os.chdir(ROOT)
    # It ends by itself when the server has ended.
    subprocess.Popen(
        [PYTHON, "manage.py", "run_jobs", "--with-parent", str(os.getpid())], env=environment
    )
    # The server replaces this process, so that it receives the signals.
    os.execve(gunicorn, [*command, "kpi_practice.wsgi"], environment)  # noqa: S606


def test(args: Sequence[str]) -> int:
    """Run pytest on SQLite and PostgreSQL in parallel; show one after the other."""
    ci = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    url = os.environ.get("TEST_DATABASE_URL", "")
    chromium = shutil.which("chromium")
    if ci and not url:
        raise Failure("CI is set but TEST_DATABASE_URL is not: PostgreSQL must be tested too.")
    if ci and not chromium:
        raise Failure("CI is set but chromium is not installed: browser tests must run.")
    install(dev=True)
    rounds = [("SQLite", "")]
    if url:
        parts = urlsplit(url)
        rounds.append((f"PostgreSQL at {parts.hostname}:{parts.port or 5432}", url))
    else:
        say("PostgreSQL: not tested, because TEST_DATABASE_URL is not set.")
    if chromium:
        say(f"Browser tests: in {chromium}.")
    else:
        say("Browser tests: skipped, because chromium is not installed.")
    # Parallel runs would write the same cache.
    shared = ["-p", "no:cacheprovider"] if len(rounds) > 1 else []
    with contextlib.ExitStack() as files:
        running = []
        for name, database_url in rounds:
            # The last round is shown live, the others when they have ended.
            said = None
            if name == rounds[-1][0]:
                say(f"\nTests on {name}")
            else:
                said = files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            environment = clean_environment(
                PYTEST_XDIST_AUTO_NUM_WORKERS=str(workers(len(rounds))),
                # Compiled once, not in every process: all these modules take ten seconds.
                PYTHONDONTWRITEBYTECODE="",
                KPI_TEST_DATABASE_URL=database_url,
                # Tests without a database run once.
                KPI_TEST_DATABASE_ALONE="" if (name, database_url) == rounds[0] else "yes",
            )
            command = [PYTHON, "-m", "pytest", *SPREAD, *shared, *args]
            run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said)
            running.append((name, said, run))
        return max(_ended(*one) for one in reversed(running))


def workers(rounds: int) -> int:
    """How many processes run the tests of each database: a core each, and one more to work while
    another waits for a browser or a lock."""
    return -(-(os.cpu_count() or 1) // rounds) + 1


def _ended(name: str, said: IO[str] | None, run: "subprocess.Popen[bytes]") -> int:
    code = run.wait()
    if said is not None:
        say(f"\nTests on {name}")
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout)
    return abs(code)


def coverage(args: Sequence[str]) -> int:
    """Run pytest on SQLite and list the branches none reaches; fail below `fail_under` of
    pyproject.toml."""
    install(dev=True)
    environment = clean_environment(
        PYTEST_XDIST_AUTO_NUM_WORKERS=str(workers(1)),
        KPI_TEST_DATABASE_URL="",
        KPI_TEST_DATABASE_ALONE="",
    )
    measure = [str(PYTHON), "-m", "coverage"]
    call([*measure, "erase"])
    tests = subprocess.call(
        [*measure, "run", "-m", "pytest", *SPREAD, *args], cwd=ROOT, env=environment
    )
    call([*measure, "combine", "--quiet"])
    return subprocess.call([*measure, "report"], cwd=ROOT) or tests


def lint(args: Sequence[str]) -> int:
    """Report every check before failing."""
    no_arguments("lint", args)
    install(dev=True)
    environment = clean_environment(
        DJANGO_SETTINGS_MODULE="tests.settings", KPI_TEST_DATABASE_URL="sqlite://:memory:"
    )
    module = [str(PYTHON), "-m"]
    manage = [str(PYTHON), "manage.py"]
    checks = {
        "ruff check": [*module, "ruff", "check", "."],
        "ruff format": [*module, "ruff", "format", "--check", "."],
        "oxlint": [str(VENV / "bin" / "oxlint"), "--deny-warnings", "static/js"],
        "djlint": [*module, "djlint", "--quiet", "--lint", "templates"],
        "mypy": [*module, "mypy"],
        "manage.py check": [*manage, "check", "--fail-level", "WARNING"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
    }
    failed = []
    for name, command in checks.items():
        try:
            with step(name):
                call(command, env=environment)
        except Failure as failure:
            say(str(failure))
            failed.append(name)
    if failed:
        raise Failure(f"Failed: {', '.join(failed)}.")
    return 0


def bench(args: Sequence[str]) -> int:
    """Measure the pages, see bench/; return only on failure."""
    install(dev=True)
    sys.stdout.flush()
    os.chdir(ROOT)
    # The benchmark replaces this process, so that it can always stop its servers.
    os.execve(PYTHON, [str(PYTHON), "-m", "bench", *args], clean_environment())  # noqa: S606


def screenshots(args: Sequence[str]) -> int:
    if not shutil.which("chromium"):
        raise Failure("Screenshots need Chromium: apt-get install -y chromium")
    install(dev=True)
    command = [PYTHON, "-m", "tests.browser.screenshots", *args]
    return subprocess.call(command, cwd=ROOT, env=clean_environment())


# ---------------------------------------------------------------- installing


def install(*, dev: bool) -> None:
    make_venv()
    names = ["requirements.txt", *(["requirements-dev.txt"] if dev else [])]
    for name in names:
        install_packages(ROOT / name)
    install_browser_files()


def make_venv() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036
        raise Failure(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if (
        PYTHON.exists()
        and subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    ):
        return
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        raise Failure(
            "Python's venv module is missing. Run: apt-get install -y python3-venv"
        ) from None
    with step("Virtual environment"):
        venv.create(VENV, with_pip=True, clear=True)


def install_packages(requirements: Path) -> None:
    with once(VENV / f"{requirements.stem}.stamp", requirements) as is_due:
        if is_due:
            with step(f"Python packages ({requirements.name})"):
                call([PYTHON, "-m", "pip", "install", "--quiet", "-r", requirements])


def install_browser_files() -> None:
    """With npm; without Node, one from PyPI in .venv."""
    with once(NODE_MODULES / ".stamp", ROOT / "package-lock.json") as is_due:
        if not is_due:
            return
        environment = dict(os.environ)
        npm = shutil.which("npm")
        if not (npm and shutil.which("node")):
            install_packages(ROOT / "requirements-node.txt")
            environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
            npm = str(VENV / "bin" / "npm")
        with step("Browser files (npm)"):
            call(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                env=environment,
            )


@contextlib.contextmanager
def once(stamp: Path, source: Path) -> Iterator[bool]:
    """Yield whether the source changed since the last success."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    is_due = not stamp.exists() or stamp.read_text(encoding="ascii") != digest
    yield is_due
    if is_due:
        stamp.write_text(digest, encoding="ascii")


# ---------------------------------------------------------------- serving


def trial_environment(port: int) -> dict[str, str]:
    environment = dict(os.environ)
    defaults = {
        "DJANGO_SETTINGS_MODULE": "kpi_practice.settings",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "STATIC_FROM_SOURCE": "on",
    }
    for name, value in defaults.items():
        environment.setdefault(name, value)
    environment["PORT"] = str(port)
    if not environment.get("SECRET_KEY"):
        environment["SECRET_KEY"] = kept_secret_key()
    return environment


def kept_secret_key() -> str:
    """One per clone: sign-ins survive a restart, and clones do not share it."""
    if not SECRET_KEY_FILE.exists():
        descriptor = os.open(SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    return SECRET_KEY_FILE.read_text(encoding="ascii").strip()


def prepare_database(environment: dict[str, str]) -> None:
    """Fill an empty database; a given one with a practice is never migrated."""
    with step("Looking at the database"):
        probe = call([PYTHON, "-c", PROBE], env=environment).split()[-3:]
    state, whose, pending = probe[0], probe[1], int(probe[2])
    if state == "practice" and whose == "given" and pending:
        raise Failure(
            f"DATABASE_URL holds a practice and lacks {pending} migrations. It is left untouched; "
            "make a backup and run manage.py migrate yourself."
        )
    if pending:
        # Building an index may exceed the timeout of a page.
        patient = {**environment, "DATABASE_STATEMENT_TIMEOUT_MS": "0"}
        with step("Migrations"):
            call([PYTHON, "manage.py", "migrate", "--no-input", "--verbosity", "0"], env=patient)
    if state == "practice":
        say("The database holds a practice already: no demo data added.")
        return
    with step("Demo data"):
        call([PYTHON, "manage.py", "demo"], env=environment)


def free_port(wanted: int) -> int:
    """The wanted port or the next free one."""
    for port in range(wanted, min(wanted + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            say(f"Port {wanted} is taken; using {port}.")
        return port
    raise Failure(f"No free port from {wanted} on.")


def announcement(port: int) -> str:
    lines = [
        "",
        f"  Weekly KPI is at http://127.0.0.1:{port}/   (Ctrl+C ends it)",
        "",
        f"  Demo accounts, all with the password {DEMO_PASSWORD}:",
        *(f"    {name}@lumina.example" for name in DEMO_NAMES),
        "    the same seven at harbor.example",
        "    group@lumina.example   (manager of both practices)",
        "    root@example.com       (superuser)",
        "",
    ]
    return "\n".join(lines)


# ---------------------------------------------------------------- small parts


def say(text: str) -> None:
    """Flush, so that lines stay in order with other programs' output."""
    print(text, flush=True)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Print the name and the duration on one line."""
    print(f"{name} … ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:.1f} s", flush=True)


def call(command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> str:
    """Return the output. Raise Failure with it on an error."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Failure(f"{done.stdout.rstrip()}\n{' '.join(map(str, command))}: failed")
    return done.stdout


def clean_environment(**changes: str) -> dict[str, str]:
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, **changes}


def no_arguments(verb: str, args: Sequence[str]) -> None:
    if args:
        raise Failure(f"dev.py {verb} takes no arguments, got: {' '.join(args)}")


VERBS = {f.__name__: f for f in (run, test, coverage, lint, bench, screenshots)}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("verb", choices=VERBS)
    options, rest = parser.parse_known_args(argv)
    try:
        return VERBS[options.verb](rest)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
