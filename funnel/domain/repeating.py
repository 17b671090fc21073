"""The jobs that repeat: when each is due, and when it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATE_AFTER = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A job, how often it runs, and how long a run may take before another runner takes over."""

    name: str
    title: str
    every: timedelta
    lease: timedelta = timedelta(minutes=15)


class JobState(StrEnum):
    """How a job is doing; the value is the word on the page."""

    ON_TIME = "on time"
    FAILED = "failed"
    LATE = "late"


MAILS = Job("mails", "Send mails", timedelta(seconds=15))
WEBHOOKS = Job("webhooks", "Call webhooks", timedelta(seconds=15))
REMINDERS = Job("reminders", "Queue reminders of missing numbers", timedelta(minutes=1))
ANNOUNCE = Job("announce", "Announce KPIs without an owner to webhooks", timedelta(minutes=1))
UNOWNED = Job("unowned", "Queue mails about KPIs without an owner", timedelta(hours=1))
EXPIRE = Job("expire", "Expire and delete old messages", timedelta(hours=1))
SESSIONS = Job("sessions", "Delete expired sign-ins", timedelta(days=1))
JOBS = (MAILS, WEBHOOKS, REMINDERS, ANNOUNCE, UNOWNED, EXPIRE, SESSIONS)


def state_of(job: Job, *, due_at: datetime | None, is_failed: bool, now: datetime) -> JobState:
    """Late where it was due over three of its intervals ago, or never ran (`due_at` is None)."""
    if due_at is None or now > due_at + LATE_AFTER * job.every:
        return JobState.LATE
    return JobState.FAILED if is_failed else JobState.ON_TIME


def next_due(due_at: datetime, every: timedelta, now: datetime) -> datetime:
    """When it is due after the run that was due at `due_at` and ends now: one interval later, or
    at once where that has passed. Missed runs are not caught up one by one."""
    return max(due_at + every, now)
