from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from funnel.models import Message, Practice, Webhook
from funnel.reports.secrets import SecretLine, list_secrets

LATEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener(SecretLine):
    """`last` is the state of the latest message, None before the first."""

    url: str
    wants: tuple[str, ...]
    last: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """`due_at` is None unless it waits; `answer` is "" before the first attempt."""

    number: int
    event: str
    body: str
    queued_at: datetime
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None
    answer: str
    state: Message.State

    @property
    def is_dead(self) -> bool:
        return self.state == Message.State.DEAD


def list_webhooks(practice: Practice, *, today: date) -> tuple[Listener, ...]:
    """Active first, oldest on top. One query."""
    latest = Message.objects.filter(webhook=OuterRef("pk")).order_by("-pk")
    rows = Webhook.objects.filter(practice=practice).annotate(
        last_state=Subquery(latest.values("state")[:1])
    )

    def line(row: Any, **shared: Any) -> Listener:
        last = Message.State(row.last_state).label if row.last_state else None
        return Listener(url=row.url, wants=tuple(_wants(row)), last=last, **shared)

    return list_secrets(rows, practice, line, today=today)


def latest_calls(webhook: Webhook) -> tuple[Call, ...]:
    """The latest 30. One query."""
    return tuple(
        Call(
            number=row.pk,
            event=row.get_event_display(),
            body=row.body,
            queued_at=row.queued_at,
            attempts=row.attempts,
            due_at=row.due_at,
            delivered_at=row.delivered_at,
            answer=row.answer,
            state=Message.State(row.state),
        )
        for row in Message.objects.filter(webhook=webhook).order_by("-pk")[:LATEST]
    )


def _wants(row: Webhook) -> Iterable[str]:
    if row.wants_entries:
        yield "a number is saved"
    if row.wants_closings:
        yield "a week is closed"
    if row.wants_unowned:
        yield "a KPI has no owner"
