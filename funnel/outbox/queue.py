"""Queuing messages, in the transaction of what they report."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max

from funnel.models import Message, Webhook
from funnel.models.message import MessageQuerySet

BATCH = 500


def enqueue(messages: Iterable[Message]) -> None:
    """Store the messages in the caller's transaction; one whose key is stored already is left out.

    One statement for each 500.
    """
    Message.objects.bulk_create(messages, batch_size=BATCH, ignore_conflicts=True)


def to_webhook(
    webhook: Webhook, *, event: Message.Event, about: str, body: str, now: datetime
) -> Message:
    """A message to be queued: `body`, JSON, once for a webhook and what it is `about`."""
    return Message(
        kind=Message.Kind.WEBHOOK,
        key=f"webhook:{webhook.pk}:{about}",
        webhook=webhook,
        event=event,
        body=body,
        queued_at=now,
        due_at=now,
    )


def to_staff(
    staff_id: int,
    *,
    kind: Message.Kind,
    about: str,
    now: datetime,
    due_at: datetime | None = None,
    **written_from: Any,
) -> Message:
    """A mail to be queued: once for a person, a kind and what it is `about`; due now by default."""
    return Message(
        kind=kind,
        key=f"{kind}:{about}:{staff_id}",
        staff_id=staff_id,
        body=json.dumps(written_from),
        queued_at=now,
        due_at=due_at or now,
    )


def to_address(
    email: str, *, kind: Message.Kind, about: str, now: datetime, **written_from: Any
) -> Message:
    """A mail to be queued to an address that need not be known: once for the address, the kind and
    what it is `about`."""
    return Message(
        kind=kind,
        key=f"{kind}:{about}:{email}",
        email=email,
        body=json.dumps(written_from),
        queued_at=now,
        due_at=now,
    )


def latest(messages: MessageQuerySet) -> int:
    """The id of the latest of them, 0 without any: part of the key of a message that may be sent
    again, so that two requests at once queue one. One query."""
    return messages.order_by().aggregate(latest=Max("pk"))["latest"] or 0


def cancel(messages: MessageQuerySet) -> int:
    """Cancel those of them that wait, and return how many. One statement.

    A message that is being sent at this moment is delivered all the same.
    """
    return messages.waiting().update(state=Message.State.CANCELLED, due_at=None)


def retry(messages: MessageQuerySet, now: datetime) -> bool:
    """Queue those of them that were given up once more, from the start; whether there was one. One
    statement."""
    dead = messages.filter(state=Message.State.DEAD)
    return bool(
        dead.update(state=Message.State.WAITING, due_at=now, queued_at=now, attempts=0, answer="")
    )
