from datetime import UTC, datetime, timedelta

import pytest

from funnel.domain.repeating import JOBS, Job, JobState, next_due, state_of

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HOURLY = Job("hourly", "Every hour", timedelta(hours=1))
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("due_at", "is_failed", "state"),
    [
        (None, False, JobState.LATE),
        (NOW - timedelta(hours=3) - SECOND, False, JobState.LATE),
        (NOW - timedelta(hours=3) - SECOND, True, JobState.LATE),
        (NOW - timedelta(hours=3), False, JobState.ON_TIME),
        (NOW - timedelta(hours=3), True, JobState.FAILED),
        (NOW + timedelta(hours=1), False, JobState.ON_TIME),
        # Set by a clock that was ahead.
        (NOW + timedelta(hours=1) + SECOND, False, JobState.LATE),
    ],
)
def test_is_late_after_three_intervals(due_at, is_failed, state):
    assert state_of(HOURLY, due_at=due_at, is_failed=is_failed, now=NOW) is state


def test_is_due_one_interval_later_or_at_once_where_that_has_passed():
    assert next_due(NOW, HOURLY.every, NOW + SECOND) == NOW + HOURLY.every
    late = NOW + timedelta(hours=5)
    assert next_due(NOW, HOURLY.every, late) == late


def test_each_job_has_its_own_name():
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_a_run_of_a_short_job_may_take_as_long_as_it_does():
    short = Job("short", "Often", timedelta(seconds=15))
    late = NOW - timedelta(seconds=90)
    assert state_of(short, due_at=late, is_failed=False, now=NOW) is JobState.ON_TIME
    assert state_of(short, due_at=late - SECOND, is_failed=False, now=NOW) is JobState.LATE


def test_is_due_also_where_a_clock_was_ahead():
    day = timedelta(days=1)
    assert HOURLY.is_due(NOW, NOW)
    assert not HOURLY.is_due(NOW + SECOND, NOW)
    assert not HOURLY.is_due(NOW + timedelta(hours=1), NOW)
    assert HOURLY.is_due(NOW + day, NOW)
    assert not Job("x", "X", SECOND, lease=day).is_due(NOW + day, NOW)
