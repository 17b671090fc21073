"""Delivering what is due: each message is claimed, sent, and its outcome stored."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from traceback import format_tb

from django.conf import settings
from django.db.models import F

from funnel.domain.retries import EXPIRES_AFTER, wait_after
from funnel.models import Message
from funnel.models.message import MessageQuerySet
from funnel.outbox.outcome import Outcome, Result

logger = logging.getLogger(__name__)

Send = Callable[[Message], Outcome]

# Longer than one message takes to send: after that, another process may send it.
LEASE = timedelta(minutes=10)
# While no mail server is reached.
UNREACHED_WAIT = timedelta(minutes=1)
RETENTION = timedelta(days=30)
MINUTE = timedelta(minutes=1)
# Few enough that several processes exceed the rate of mails by no more than this each.
BATCH = 20
ANSWER_LENGTH = 200


def deliver(
    messages: MessageQuerySet,
    *,
    send: Send,
    clock: Callable[[], datetime],
    until: datetime | None = None,
) -> Counter[Result]:
    """Send those of the messages that are due, the longest due first, and return how many had which
    result.

    `clock` returns the present; no message is started after `until`. A webhook that does not
    answer, and a mail server that cannot be reached, get no further message in this run. All
    processes together send `MAILS_A_MINUTE` mails a minute; each that sends in the same moment may
    exceed that by 20.

    No transaction and no lock is held while a message is sent. A process that is killed while it
    sends leaves that message claimed: it is sent again after ten minutes, and all others as if
    nothing had happened. Two statements a message and two for each 20.
    """
    results: Counter[Result] = Counter()
    silent: set[int] = set()
    is_reached = True
    while until is None or clock() < until:
        now = clock()
        allowance = _allowance(now) if is_reached else 0
        batch = _due(messages, now, with_mails=allowance > 0, silent=silent)[:BATCH]
        if not (found := list(batch)):
            break
        for message in found:
            if until is not None and clock() >= until:
                break
            if message.is_mail and not (is_reached and allowance > 0):
                continue
            if message.webhook_id in silent or not claim(message, clock()):
                continue
            allowance -= message.is_mail
            outcome = _send(send, message)
            settle(message, outcome, clock())
            results[outcome.result] += 1
            is_reached = is_reached and outcome.result is not Result.UNREACHED
            if outcome.result is Result.REFUSED and message.webhook_id:
                silent.add(message.webhook_id)
    return results


def claim(message: Message, now: datetime) -> bool:
    """Take a due message to be sent by this process; False where another process has taken it or
    it is no longer due. One statement."""
    # By this row alone: PostgreSQL checks a condition on another table only once, before it waits
    # for the process that was faster.
    unchanged = Message.objects.due(now).filter(pk=message.pk, attempts=message.attempts)
    is_claimed = unchanged.update(
        attempts=F("attempts") + 1, attempted_at=now, due_at=now + LEASE, answer=""
    )
    message.attempts += is_claimed
    return bool(is_claimed)


def settle(message: Message, outcome: Outcome, now: datetime) -> None:
    """Store what a try resulted in. One statement.

    A message that was refused waits longer each time, and is given up after the eighth. One that
    met no mail server is tried again each minute, until it is seven days old.
    """
    fields: dict[str, object] = {"answer": outcome.sentence[:ANSWER_LENGTH]}
    if outcome.result is Result.DELIVERED:
        fields |= {"state": Message.State.DELIVERED, "delivered_at": now, "due_at": None}
    elif outcome.result is Result.CANCELLED:
        fields |= {"state": Message.State.CANCELLED, "due_at": None}
    elif outcome.result is Result.UNREACHED:
        fields |= {"due_at": now + UNREACHED_WAIT}
    elif (wait := wait_after(message.attempts)) is None:
        fields |= {"state": Message.State.DEAD, "due_at": None}
    else:
        fields |= {"due_at": now + wait}
    # Still this try: one that took longer than its lease may have been cancelled or sent since.
    ours = Message.objects.waiting().filter(pk=message.pk)
    ours.update(**fields)


def expire(now: datetime) -> None:
    """Give up what has waited for seven days, and delete what is older than thirty; two statements.

    That a KPI has no owner is not deleted: the row is how a webhook is called once about it.
    """
    old = Message.objects.waiting().filter(queued_at__lt=now - EXPIRES_AFTER)
    old.update(
        state=Message.State.DEAD, due_at=None, answer="Not sent: it waited for more than 7 days."
    )
    over = Message.objects.exclude(state=Message.State.WAITING)
    over = over.filter(queued_at__lt=now - RETENTION)
    over.exclude(event=Message.Event.UNOWNED).delete()


def waiting_at(now: datetime) -> int:
    """How many messages are due. One query."""
    return Message.objects.due(now).count()


def _due(
    messages: MessageQuerySet, now: datetime, *, with_mails: bool, silent: Iterable[int]
) -> MessageQuerySet:
    rows = messages.due(now).filter(queued_at__gte=now - EXPIRES_AFTER)
    if not with_mails:
        rows = rows.calls()
    if silent:
        rows = rows.exclude(webhook__in=silent)
    rows = rows.select_related("webhook", "staff__practice", "staff__user")
    return rows.order_by("due_at", "pk")


def _allowance(now: datetime) -> int:
    """How many mails may be sent in this minute. One query."""
    sent = Message.objects.mails().filter(attempted_at__gt=now - MINUTE).count()
    return settings.MAILS_A_MINUTE - sent


def _send(send: Send, message: Message) -> Outcome:
    """A message that cannot be written costs no other message its delivery."""
    try:
        return send(message)
    except Exception as error:
        # Without the error's own text, which may hold somebody's address.
        where = "".join(format_tb(error.__traceback__))
        name = type(error).__name__
        logger.error("Message %s (%s): %s at\n%s", message.pk, message.kind, name, where)
        return Outcome.refused(f"It could not be sent: {name}.")
