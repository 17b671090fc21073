"""Repeating jobs."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from threading import Event
from traceback import format_tb

from django.core.management import call_command

from funnel.actions import jobs as actions
from funnel.actions import unowned, webhooks
from funnel.domain import repeating
from funnel.domain.repeating import Job
from funnel.domain.weeks import local_today
from funnel.models import JobRun, Message, Practice
from funnel.models.message import MessageQuerySet
from funnel.outbox.delivery import deliver, expire
from funnel.outbox.outcome import Result
from funnel.senders import reminder
from funnel.senders.sending import sender

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Run = Callable[[Clock], None]

# So that a slow mail server delays no other job.
DELIVERS_FOR = timedelta(seconds=20)
# Set by a signal: the current message ends, and no other starts.
stopping = Event()


def send_mails(clock: Clock) -> None:
    """For 20 seconds."""
    _deliver(Message.objects.mails(), clock)


def call_webhooks(clock: Clock) -> None:
    """For 20 seconds."""
    _deliver(Message.objects.calls(), clock)


def _deliver(messages: MessageQuerySet, clock: Clock) -> None:
    end = clock() + DELIVERS_FOR
    with sender(clock) as send:
        results = deliver(
            messages,
            send=send,
            clock=clock,
            goes_on=lambda: clock() < end and not stopping.is_set(),
        )
    if results[Result.UNREACHED]:
        logger.warning("There is no mail server; see Jobs and messages in the admin.")


def queue_reminders(clock: Clock) -> None:
    _each_practice(lambda practice: reminder.plan(practice, clock()))


def announce_unowned(clock: Clock) -> None:
    now = clock()
    _each_practice(
        lambda practice: webhooks.announce_unowned(
            practice=practice, today=local_today(now, practice.time_zone), now=now
        ),
        webhooks.listened(),
    )


def queue_unowned(clock: Clock) -> None:
    now = clock()
    _each_practice(
        lambda practice: unowned.queue(
            practice=practice, today=local_today(now, practice.time_zone), now=now
        )
    )


def expire_messages(clock: Clock) -> None:
    """Give up old messages and delete older ones."""
    expire(clock())


def clear_sessions(clock: Clock) -> None:
    call_command("clearsessions")


RUNS: Mapping[str, Run] = {
    repeating.MAILS.name: send_mails,
    repeating.WEBHOOKS.name: call_webhooks,
    repeating.REMINDERS.name: queue_reminders,
    repeating.ANNOUNCE.name: announce_unowned,
    repeating.UNOWNED.name: queue_unowned,
    repeating.EXPIRE.name: expire_messages,
    repeating.SESSIONS.name: clear_sessions,
}


def run_due(clock: Clock, runs: Mapping[str, Run], jobs: Iterable[Job]) -> int:
    """Run due jobs, storing failures; return how many. One query and two statements per job."""
    by_name = {job.name: job for job in jobs}
    count = 0
    for row in list(JobRun.objects.filter(name__in=by_name).order_by("due_at")):
        job, started = by_name[row.name], clock()
        if stopping.is_set() or not job.is_due(row.due_at, started):
            continue
        if not actions.claim(run=row, lease=job.lease, now=started):
            continue
        error = _error_of(job, runs[job.name], clock)
        actions.finish(run=row, every=job.every, error=error, started=started, now=clock())
        count += 1
    return count


def everything(clock: Clock, *, sends: bool = True) -> Mapping[Result, int]:
    """Queue and send within `MAILS_A_MINUTE`, then raise the first error."""
    first: Exception | None = None
    for queue in (queue_reminders, announce_unowned, queue_unowned):
        try:
            queue(clock)
        except Exception as error:
            _log(queue.__name__, error)
            first = first or error
    results: Mapping[Result, int] = {}
    if sends:
        expire(clock())
        with sender(clock) as send:
            results = deliver(Message.objects.all(), send=send, clock=clock)
    if first is not None:
        raise first
    return results


def _error_of(job: Job, run: Run, clock: Clock) -> str:
    try:
        run(clock)
    except Exception as error:
        _log(f"Job {job.name}", error)
        return f"{type(error).__name__}; see the log."
    return ""


def _each_practice(
    do: Callable[[Practice], None], practices: Iterable[Practice] | None = None
) -> None:
    """Raises the first error after all."""
    first: Exception | None = None
    for practice in Practice.objects.order_by("pk") if practices is None else practices:
        try:
            do(practice)
        except Exception as error:
            _log(practice.slug, error)
            first = first or error
    if first is not None:
        raise first


def _log(what: str, error: Exception) -> None:
    """Errors may contain an address."""
    where = "".join(format_tb(error.__traceback__))
    logger.error("%s: %s at\n%s", what, type(error).__name__, where)
