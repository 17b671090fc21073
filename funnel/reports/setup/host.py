from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from funnel.domain.repeating import JOBS, Job, JobState, state_of
from funnel.models import JobRun, Message


@dataclass(frozen=True, slots=True)
class JobLine:
    """Times are None before the first run, `detail` is "" unless failed."""

    title: str
    every: timedelta
    started_at: datetime | None
    ended_at: datetime | None
    detail: str
    state: JobState

    @property
    def is_on_time(self) -> bool:
        return self.state is JobState.ON_TIME


@dataclass(frozen=True, slots=True)
class Host:
    """Jobs and message counts; `oldest` is since when a message waits, or None."""

    jobs: tuple[JobLine, ...]
    waiting: int
    oldest: datetime | None
    dead: int

    @property
    def overdue(self) -> int:
        return sum(not job.is_on_time for job in self.jobs)

    @property
    def needs_attention(self) -> bool:
        return bool(self.overdue or self.dead)

    @property
    def sentence(self) -> str:
        """Empty if nothing needs attention."""
        parts = []
        if self.overdue:
            verb = "is" if self.overdue == 1 else "are"
            parts.append(f"{self.overdue} job{'s'[: self.overdue != 1]} {verb} late or failed.")
        if self.dead:
            verb = "was" if self.dead == 1 else "were"
            parts.append(f"{self.dead} message{'s'[: self.dead != 1]} {verb} given up.")
        return " ".join(parts)


def build_host(now: datetime) -> Host:
    """Two queries."""
    waits, dead = Q(state=Message.State.WAITING), Q(state=Message.State.DEAD)
    counts = Message.objects.order_by().aggregate(
        waiting=Count("pk", filter=waits),
        oldest=Min("queued_at", filter=waits),
        dead=Count("pk", filter=dead),
    )
    return Host(jobs=job_lines(now), **counts)


def job_lines(now: datetime) -> tuple[JobLine, ...]:
    """One query."""
    rows = {row.name: row for row in JobRun.objects.all()}
    return tuple(_line(job, rows.get(job.name), now) for job in JOBS)


def _line(job: Job, row: JobRun | None, now: datetime) -> JobLine:
    is_failed = row is not None and row.outcome == JobRun.Outcome.FAILED
    return JobLine(
        title=job.title,
        every=job.every,
        started_at=row.started_at if row else None,
        ended_at=row.ended_at if row else None,
        detail=row.detail if row else "",
        state=state_of(job, due_at=row.due_at if row else None, is_failed=is_failed, now=now),
    )
