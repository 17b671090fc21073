from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from funnel.domain.repeating import JOBS, Job, JobState, state_of
from funnel.domain.retries import EXPIRES_AFTER
from funnel.models import JobRun, Message

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class JobLine:
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
    """`oldest` is since when a message waits.

    `newly_dead` failed in the last day; `stuck` mails wait over an hour without refusal.
    """

    jobs: tuple[JobLine, ...]
    waiting: int
    oldest: datetime | None
    dead: int
    newly_dead: int
    stuck: int

    @property
    def overdue(self) -> int:
        return sum(not job.is_on_time for job in self.jobs)

    @property
    def needs_attention(self) -> bool:
        return bool(self.overdue or self.newly_dead or self.stuck)

    @property
    def sentence(self) -> str:
        """ "" if all is well."""
        parts = []
        if self.overdue:
            verb = "is" if self.overdue == 1 else "are"
            parts.append(f"{self.overdue} job{'s'[: self.overdue != 1]} {verb} late or failed.")
        if self.newly_dead:
            parts.append(f"{self.newly_dead} message{'s'[: self.newly_dead != 1]} failed.")
        if self.stuck:
            verb = "has" if self.stuck == 1 else "have"
            parts.append(
                f"{self.stuck} mail{'s'[: self.stuck != 1]} {verb} waited for over an hour."
            )
        return " ".join(parts)


def build_host(now: datetime) -> Host:
    """Two queries."""
    waits, dead = Q(state=Message.State.WAITING), Q(state=Message.State.DEAD)
    counts = Message.objects.order_by().aggregate(
        waiting=Count("pk", filter=waits),
        oldest=Min("queued_at", filter=waits),
        dead=Count("pk", filter=dead),
        newly_dead=Count("pk", filter=dead & _newly(now)),
        stuck=Count("pk", filter=_stuck(now)),
    )
    return Host(jobs=job_lines(now), **counts)


def job_lines(now: datetime) -> tuple[JobLine, ...]:
    """One query."""
    rows = {row.name: row for row in JobRun.objects.all()}
    return tuple(_line(job, rows.get(job.name), now) for job in JOBS)


def stuck_mails(now: datetime) -> int:
    """Mails waiting over an hour without refusal. One query."""
    return Message.objects.filter(_stuck(now)).count()


def _stuck(now: datetime) -> Q:
    waits = Q(state=Message.State.WAITING, refusals=0, due_at__lt=now + HOUR)
    return waits & Q(queued_at__lt=now - HOUR) & ~Q(kind=Message.Kind.WEBHOOK)


def _newly(now: datetime) -> Q:
    """Failed in the last day."""
    never_sent = Q(attempted_at=None, queued_at__gt=now - EXPIRES_AFTER - DAY)
    return Q(attempted_at__gt=now - DAY) | never_sent


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
