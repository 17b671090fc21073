from collections.abc import Iterable
from datetime import datetime, timedelta

from funnel.domain.repeating import Job, next_due
from funnel.models import JobRun

DETAIL_LENGTH = 200


def register(*, jobs: Iterable[Job], now: datetime) -> None:
    """Create missing rows, due now. One statement."""
    JobRun.objects.bulk_create(
        [JobRun(name=job.name, due_at=now) for job in jobs], ignore_conflicts=True
    )


def claim(*, run: JobRun, lease: timedelta, now: datetime) -> bool:
    """Return False if another runner was faster. One statement.

    The `lease` ends in case this runner dies.
    """
    free = JobRun.objects.filter(pk=run.pk, due_at=run.due_at)
    return bool(free.update(started_at=now, due_at=now + lease))


def finish(*, run: JobRun, every: timedelta, error: str, started: datetime, now: datetime) -> None:
    """Store the end unless another runner took over. One statement."""
    outcome = JobRun.Outcome.FAILED if error else JobRun.Outcome.SUCCEEDED
    JobRun.objects.filter(pk=run.pk, started_at=started).update(
        ended_at=now,
        outcome=outcome,
        detail=error[:DETAIL_LENGTH],
        due_at=next_due(run.due_at, every, now),
    )
