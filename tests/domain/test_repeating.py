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
    ],
)
def test_is_late_after_three_intervals(due_at, is_failed, state):
    assert state_of(HOURLY, due_at=due_at, is_failed=is_failed, now=NOW) is state


def test_is_due_one_interval_later_or_at_once_where_that_has_passed():
    assert next_due(NOW, HOURLY.every, NOW + SECOND) == NOW + HOURLY.every
    late = NOW + timedelta(hours=5)
    assert next_due(NOW, HOURLY.every, late) == late


def test_each_job_has_its_own_name_and_a_lease_longer_than_its_interval_needs():
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(job.lease >= timedelta(minutes=15) for job in JOBS)
