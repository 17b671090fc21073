import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from traceback import format_tb

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Q

from funnel.domain.retries import EXPIRES_AFTER, wait_after
from funnel.models import Message
from funnel.models.message import MessageQuerySet
from funnel.outbox.outcome import Outcome, Result

logger = logging.getLogger(__name__)

Send = Callable[[Message], Outcome]

# Longer than sending takes; then another process may send it.
LEASE = timedelta(minutes=10)
# While the mail server is unreachable.
UNREACHED_WAIT = timedelta(minutes=1)
RETENTION = timedelta(days=30)
MINUTE = timedelta(minutes=1)
# Concurrent processes may exceed the rate by this each.
BATCH = 20
ANSWER_LENGTH = 200
# Leaves room for "#" and an id.
KEY_LENGTH = 298
SETTLES = 4
# Somebody waits for these.
URGENT = (Message.Kind.PASSWORD, Message.Kind.INVITATION, Message.Kind.ADDRESS)
# After these the mail server is left alone until the next run.
BREAKS = (Result.UNREACHED, Result.LOST)


def deliver(
    messages: MessageQuerySet,
    *,
    send: Send,
    clock: Callable[[], datetime],
    goes_on: Callable[[], bool] = lambda: True,
) -> Counter[Result]:
    """Send due messages, urgent and oldest first; return counts by result.

    Ends when `goes_on` is false or the mail server is unreachable. Processes share
    `MAILS_A_MINUTE`, each up to 20 more. No transaction while sending; after a crash the message is
    repeated after ten minutes. Two statements per message, three per 20.
    """
    results: Counter[Result] = Counter()
    is_reached = True
    while goes_on():
        now = clock()
        allowance = _allowance(now) if is_reached else 0
        if not (found := _due(messages if allowance > 0 else messages.calls(), now)):
            break
        for message in found:
            if not goes_on():
                break
            if message.is_mail and not (is_reached and allowance > 0):
                continue
            if not claim(message, clock()):
                continue
            outcome = _send(send, message)
            _settle_surely(message, outcome, clock)
            results[outcome.result] += 1
            if message.is_mail:
                allowance -= outcome.result is not Result.CANCELLED
                is_reached = is_reached and outcome.result not in BREAKS
    return results


def claim(message: Message, now: datetime) -> bool:
    """False if another process was faster. One statement."""
    # No joins: after waiting for a lock, PostgreSQL rechecks only this row.
    unchanged = Message.objects.due(now).filter(pk=message.pk, attempts=message.attempts)
    is_claimed = unchanged.update(
        attempts=F("attempts") + 1, attempted_at=now, due_at=now + LEASE, answer=""
    )
    message.attempts += is_claimed
    return bool(is_claimed)


def settle(message: Message, outcome: Outcome, now: datetime) -> None:
    """Store an outcome. One statement, two for a failed call.

    Refused or lost: waits longer each time, dead after eight, as do a webhook's others. Unreached:
    every minute for seven days. Cancelled: its key is free again.
    """
    fields: dict[str, object] = {"answer": outcome.sentence[:ANSWER_LENGTH]}
    if outcome.result is Result.DELIVERED:
        fields |= {"state": Message.State.DELIVERED, "delivered_at": now, "due_at": None}
    elif outcome.result is Result.CANCELLED:
        key = f"{message.key[:KEY_LENGTH]}#{message.pk}"
        fields |= {"state": Message.State.CANCELLED, "due_at": None, "key": key}
    elif outcome.result is Result.UNREACHED:
        fields |= {"due_at": now + UNREACHED_WAIT}
    elif (wait := wait_after(message.refusals + 1)) is None:
        fields |= {"state": Message.State.DEAD, "due_at": None, "refusals": F("refusals") + 1}
    else:
        fields |= {"due_at": now + wait, "refusals": F("refusals") + 1}
        if message.webhook_id:
            others = Message.objects.due(now).filter(webhook=message.webhook_id)
            others.update(due_at=now + wait)
    # Only this attempt: after the lease it may be cancelled or sent.
    ours = Message.objects.waiting().filter(pk=message.pk, attempts=message.attempts)
    ours.update(**fields)


def _settle_surely(message: Message, outcome: Outcome, clock: Callable[[], datetime]) -> None:
    """Retry on a new connection: a lost outcome would repeat the message."""
    for is_last in (False,) * SETTLES + (True,):
        try:
            settle(message, outcome, clock())
        except (OperationalError, InterfaceError):
            connection.close()
            if is_last:
                raise
        else:
            return


def expire(now: datetime) -> None:
    """Give up after seven days, delete after thirty; two statements. Unowned KPIs stay, to call
    once.
    """
    is_sent_now = Q(attempted_at__gt=now - LEASE)
    old = Message.objects.waiting().filter(queued_at__lt=now - EXPIRES_AFTER).exclude(is_sent_now)
    old.update(
        state=Message.State.DEAD, due_at=None, answer="Not sent: it waited for more than 7 days."
    )
    over = Message.objects.exclude(state=Message.State.WAITING)
    over = over.filter(queued_at__lt=now - RETENTION)
    over.exclude(event=Message.Event.UNOWNED).delete()


def waiting_at(now: datetime) -> int:
    """Number due. One query."""
    return Message.objects.due(now).count()


def _due(messages: MessageQuerySet, now: datetime) -> list[Message]:
    """Up to 20. One query for urgent ones, else two."""
    rows = messages.due(now).filter(queued_at__gte=now - EXPIRES_AFTER)
    rows = rows.select_related("webhook", "staff__practice", "staff__user")
    rows = rows.order_by("due_at", "pk")
    return list(rows.filter(kind__in=URGENT)[:BATCH]) or list(rows[:BATCH])


def _allowance(now: datetime) -> int:
    """Mails left in this minute. One query."""
    tried = Message.objects.mails().exclude(state=Message.State.CANCELLED)
    # A clock that was ahead leaves later times.
    sent = tried.filter(attempted_at__gt=now - MINUTE, attempted_at__lte=now).count()
    most: int = settings.MAILS_A_MINUTE
    return most - sent


def _send(send: Send, message: Message) -> Outcome:
    """Errors of one message do not stop others."""
    try:
        return send(message)
    except Exception as error:
        # The error's text may contain an address.
        where = "".join(format_tb(error.__traceback__))
        name = type(error).__name__
        logger.error("Message %s (%s): %s at\n%s", message.pk, message.kind, name, where)
        return Outcome.refused(f"It could not be sent: {name}.")
