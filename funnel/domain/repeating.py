from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATE_AFTER = 3
# As long as a run of a short job may take.
SHORTEST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Job:
    """`lease` is when others may take over a run."""

    name: str
    title: str
    every: timedelta
    lease: timedelta = timedelta(minutes=5)

    def is_due(self, due_at: datetime, now: datetime) -> bool:
        """Also if the clock was ahead."""
        return due_at <= now or due_at > now + max(self.every, self.lease)


class JobState(StrEnum):
    ON_TIME = "on time"
    FAILED = "failed"
    LATE = "late"


# Two runners at once are harmless: each message is claimed.
MAILS = Job("mails", "Send mails", timedelta(seconds=15), lease=timedelta(minutes=1))
WEBHOOKS = Job("webhooks", "Call webhooks", timedelta(seconds=15), lease=timedelta(minutes=1))
REMINDERS = Job("reminders", "Queue reminders of missing numbers", timedelta(minutes=1))
ANNOUNCE = Job("announce", "Announce KPIs without an owner to webhooks", timedelta(minutes=1))
UNOWNED = Job("unowned", "Queue mails about KPIs without an owner", timedelta(hours=1))
EXPIRE = Job("expire", "Expire and delete old messages", timedelta(hours=1))
SESSIONS = Job("sessions", "Delete expired sign-ins", timedelta(days=1))
JOBS = (MAILS, WEBHOOKS, REMINDERS, ANNOUNCE, UNOWNED, EXPIRE, SESSIONS)


def state_of(job: Job, *, due_at: datetime | None, is_failed: bool, now: datetime) -> JobState:
    """Late three intervals after `due_at` or if it never ran."""
    grace = LATE_AFTER * max(job.every, SHORTEST)
    if due_at is None or (job.is_due(due_at, now) and not due_at <= now <= due_at + grace):
        return JobState.LATE
    return JobState.FAILED if is_failed else JobState.ON_TIME


def next_due(due_at: datetime, every: timedelta, now: datetime) -> datetime:
    """One interval later or now; missed runs are skipped."""
    return max(due_at + every, now)
