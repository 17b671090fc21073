import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Max

from funnel.models import Message, Webhook
from funnel.models.message import MessageQuerySet

BATCH = 500


def enqueue(messages: Iterable[Message]) -> None:
    """In the caller's transaction; existing keys are skipped."""
    Message.objects.bulk_create(messages, batch_size=BATCH, ignore_conflicts=True)


def to_webhook(
    webhook: Webhook, *, event: Message.Event, about: str, body: str, now: datetime
) -> Message:
    """Unique per webhook and `about`."""
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
    """Unique per person, kind and `about`; due now by default."""
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
    """For any address; unique per address, kind and `about`."""
    return Message(
        kind=kind,
        key=f"{kind}:{about}:{email}",
        email=email,
        body=json.dumps(written_from),
        queued_at=now,
        due_at=now,
    )


def latest(messages: MessageQuerySet) -> int:
    """Part of repeatable keys, so that concurrent requests queue one. One query."""
    return messages.order_by().aggregate(latest=Max("pk"))["latest"] or 0


def cancel(messages: MessageQuerySet) -> int:
    """Messages being sent are delivered. One statement."""
    return messages.waiting().update(state=Message.State.CANCELLED, due_at=None)


def retry(messages: MessageQuerySet, now: datetime) -> bool:
    """Whether any dead ones were queued. One statement."""
    dead = messages.filter(state=Message.State.DEAD)
    return bool(
        dead.update(
            state=Message.State.WAITING,
            due_at=now,
            queued_at=now,
            attempts=0,
            refusals=0,
            answer="",
        )
    )
