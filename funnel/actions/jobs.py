"""The runs of jobs that repeat: claimed by one runner, and stored when they end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from funnel.domain.repeating import Job, next_due
from funnel.models import JobRun

DETAIL_LENGTH = 200


def register(*, jobs: Iterable[Job], now: datetime) -> None:
    """Store a row for each job without one, due now. One statement."""
    JobRun.objects.bulk_create(
        [JobRun(name=job.name, due_at=now) for job in jobs], ignore_conflicts=True
    )


def claim(*, run: JobRun, lease: timedelta, now: datetime) -> bool:
    """Take a due job to be run by this runner; False where another runner has taken it. One
    statement.

    A runner that is killed leaves it to others once `lease` is over.
    """
    free = JobRun.objects.due(now).filter(pk=run.pk, due_at=run.due_at)
    return bool(free.update(started_at=now, due_at=now + lease))


def finish(*, run: JobRun, every: timedelta, error: str, started: datetime, now: datetime) -> None:
    """Store the end of a run that was `started` by this runner, with the error or "" for none, and
    when the next one is due. One statement; none of its effect where another runner took over."""
    outcome = JobRun.Outcome.FAILED if error else JobRun.Outcome.SUCCEEDED
    JobRun.objects.filter(pk=run.pk, started_at=started).update(
        ended_at=now,
        outcome=outcome,
        detail=error[:DETAIL_LENGTH],
        due_at=next_due(run.due_at, every, now),
    )
