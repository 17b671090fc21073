"""manage.py run_jobs: once here, and in a process of its own until it is stopped."""

import os
import select
import signal
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError

from funnel import jobs
from funnel.domain.repeating import JOBS
from funnel.models import JobRun
from kpi_practice.env import BASE_DIR


@pytest.mark.django_db
def test_once_it_runs_what_is_due_and_ends():
    call_command("run_jobs", once=True)
    rows = JobRun.objects.values_list("name", "outcome")
    assert dict(rows) == {job.name: "succeeded" for job in JOBS}


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_connection_that_is_gone_ends_no_runner(monkeypatch, caplog, error):
    def fail(*_):
        raise error("gone")

    monkeypatch.setattr(jobs, "run_due", fail)
    call_command("run_jobs", once=True)
    assert f"The database does not answer: {error.__name__}" in caplog.text


def test_a_parent_that_ended_before_it_started_is_noticed(environment):
    # Of a process that is not its parent.
    with start(environment, "1") as runner:
        assert runner.stdout.read().endswith("ended\n")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The settings of an installation of its own, migrated."""
    given = {
        **os.environ,
        "ENV_FILE": "",
        "SECRET_KEY": "x" * 50,
        "SITE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "kpi_practice.settings",
        "EMAIL_URL": "consolemail://",
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=BASE_DIR, env=given, check=True
    )
    return given


# Prints a line after its first round, and ticks fast.
RUNNER = """
import sys, django
django.setup()
from django.core.management import call_command
from funnel import jobs
from funnel.management.commands import run_jobs
run_jobs.TICK_SECONDS = 0.05
real = jobs.run_due
def run_due(*given):
    count = real(*given)
    print("round", flush=True)
    return count
jobs.run_due = run_due
call_command("run_jobs", with_parent=int(sys.argv[1]) if sys.argv[1:] else None)
print("ended", flush=True)
"""


def start(environment, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, *arguments],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_its_round(environment, number):
    with start(environment) as runner:
        assert runner.stdout.readline() == "round\n"
        runner.send_signal(number)
        assert runner.stdout.read().endswith("ended\n")
    assert runner.returncode == 0


def test_it_ends_with_the_process_that_started_it(environment):
    parent = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {RUNNER!r}, str(os.getpid())],"
        " stdout=subprocess.PIPE, text=True)\n"
        "assert child.stdout.readline() == 'round\\n'\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent],
        cwd=BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        child = int(process.stdout.readline())
        watched = os.pidfd_open(child)
        process.kill()
    # Readable once the child has ended.
    poller = select.poll()
    poller.register(watched)
    assert poller.poll(20_000)
