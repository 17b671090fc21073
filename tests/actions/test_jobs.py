from datetime import UTC, datetime, timedelta

import pytest

from funnel.actions import jobs
from funnel.domain.repeating import Job
from funnel.models import JobRun

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HOUR, LEASE = timedelta(hours=1), timedelta(minutes=15)
HOURLY = Job("hourly", "Every hour", HOUR)


@pytest.fixture
def row():
    jobs.register(jobs=[HOURLY], now=NOW)
    return JobRun.objects.get()


def again():
    return JobRun.objects.get()


def test_each_job_has_one_row(row):
    jobs.register(jobs=[HOURLY], now=NOW + HOUR)
    assert again().due_at == NOW


def test_one_runner_takes_it_and_its_end_makes_it_due_again(row):
    assert jobs.claim(run=row, lease=LEASE, now=NOW)
    assert not jobs.claim(run=row, lease=LEASE, now=NOW)
    jobs.finish(run=row, every=HOUR, error="", started=NOW, now=NOW + LEASE / 2)
    done = again()
    assert (done.due_at, done.outcome, done.detail) == (NOW + HOUR, "succeeded", "")
    assert (done.started_at, done.ended_at) == (NOW, NOW + LEASE / 2)


def test_a_failed_one_states_its_error_and_runs_again_in_its_turn(row):
    jobs.claim(run=row, lease=LEASE, now=NOW)
    jobs.finish(run=row, every=HOUR, error="LookupError" * 30, started=NOW, now=NOW)
    assert (again().outcome, len(again().detail), again().due_at) == ("failed", 200, NOW + HOUR)


def test_a_killed_runner_leaves_it_to_another_once_its_lease_is_over(row):
    jobs.claim(run=row, lease=LEASE, now=NOW)
    later = NOW + LEASE
    taken = again()
    assert not HOURLY.is_due(taken.due_at, later - timedelta(seconds=1))
    assert jobs.claim(run=taken, lease=LEASE, now=later)
    # The first one was only slow: its end is no longer its own to store.
    jobs.finish(run=row, every=HOUR, error="late", started=NOW, now=later)
    assert (again().outcome, again().started_at) == ("", later)
