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

# Longer than sending takes; then another process may send it.
LEASE = timedelta(minutes=10)
# While the mail server is unreachable.
UNREACHED_WAIT = timedelta(minutes=1)
RETENTION = timedelta(days=30)
MINUTE = timedelta(minutes=1)
# Concurrent processes may exceed the rate by this each.
BATCH = 20
ANSWER_LENGTH = 200


def deliver(
    messages: MessageQuerySet,
    *,
    send: Send,
    clock: Callable[[], datetime],
    until: datetime | None = None,
) -> Counter[Result]:
    """Send due messages, longest due first; return counts by result.

    None starts after `until`. An unreachable webhook or mail server is skipped for the rest of the
    run. All processes together send `MAILS_A_MINUTE`, each up to 20 more. No transaction or lock is
    open while sending; after a crash the current message is sent again after ten minutes. Two
    statements per message and two per 20.
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
    """False if another process was faster or it is not due. One statement."""
    # No joins: after waiting for a lock, PostgreSQL rechecks only this row.
    unchanged = Message.objects.due(now).filter(pk=message.pk, attempts=message.attempts)
    is_claimed = unchanged.update(
        attempts=F("attempts") + 1, attempted_at=now, due_at=now + LEASE, answer=""
    )
    message.attempts += is_claimed
    return bool(is_claimed)


def settle(message: Message, outcome: Outcome, now: datetime) -> None:
    """Store an outcome. One statement.

    Refused: waits longer each time, dead after eight. Unreached: every minute for seven days.
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
    # Only this attempt: after the lease it may be cancelled or sent.
    ours = Message.objects.waiting().filter(pk=message.pk)
    ours.update(**fields)


def expire(now: datetime) -> None:
    """Give up after seven days, delete after thirty; two statements.

    Unowned KPIs stay: their row ensures one call.
    """
    old = Message.objects.waiting().filter(queued_at__lt=now - EXPIRES_AFTER)
    old.update(
        state=Message.State.DEAD, due_at=None, answer="Not sent: it waited for more than 7 days."
    )
    over = Message.objects.exclude(state=Message.State.WAITING)
    over = over.filter(queued_at__lt=now - RETENTION)
    over.exclude(event=Message.Event.UNOWNED).delete()


def waiting_at(now: datetime) -> int:
    """Number due. One query."""
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
    """Mails left in this minute. One query."""
    sent = Message.objects.mails().filter(attempted_at__gt=now - MINUTE).count()
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
