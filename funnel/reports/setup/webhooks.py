"""The webhooks of a practice, and what became of their messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import OuterRef, Subquery

from funnel.models import Delivery, Practice, Webhook
from funnel.reports.secrets import SecretLine, list_secrets

LATEST = 30


class State(StrEnum):
    """What became of a message; the value is the word on the page."""

    DELIVERED = "delivered"
    WAITING = "waiting"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener(SecretLine):
    """A webhook as its admin sees it. `last` is what became of its latest message, None before the
    first."""

    url: str
    wants: tuple[str, ...]
    last: State | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a webhook: what of, when, and what came of it.

    `next_try` is None once it has arrived or was given up; `answer` is empty before the first try.
    """

    number: int
    event: str
    body: str
    queued: datetime
    tries: int
    next_try: datetime | None
    delivered: datetime | None
    answer: str
    state: State


def list_webhooks(practice: Practice, *, today: date) -> tuple[Listener, ...]:
    """The practice's webhooks, the active ones first, the oldest on top. One query."""
    latest = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-pk")
    rows = Webhook.objects.filter(practice=practice).annotate(
        last_delivered=Subquery(latest.values("delivered")[:1]),
        last_next_try=Subquery(latest.values("next_try")[:1]),
        last_tries=Subquery(latest.values("tries")[:1]),
    )

    def line(row: Any, **shared: Any) -> Listener:
        last = None if row.last_tries is None else _state(row.last_delivered, row.last_next_try)
        return Listener(url=row.url, wants=tuple(_wants(row)), last=last, **shared)

    return list_secrets(rows, practice, line, today=today)


def latest_messages(webhook: Webhook) -> tuple[Message, ...]:
    """Its last 30 messages, the newest on top. One query."""
    return tuple(
        Message(
            number=row.pk,
            event=row.get_event_display(),
            body=row.body,
            queued=row.queued,
            tries=row.tries,
            next_try=row.next_try,
            delivered=row.delivered,
            answer=row.answer,
            state=_state(row.delivered, row.next_try),
        )
        for row in webhook.deliveries.order_by("-pk")[:LATEST]
    )


def _state(delivered: datetime | None, next_try: datetime | None) -> State:
    if delivered is not None:
        return State.DELIVERED
    return State.GIVEN_UP if next_try is None else State.WAITING


def _wants(row: Webhook) -> Iterable[str]:
    if row.wants_entries:
        yield "a number is saved"
    if row.wants_closings:
        yield "a week is closed"
    if row.wants_unowned:
        yield "a KPI has no owner"
