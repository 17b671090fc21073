from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from funnel.models import Message, Practice, Webhook
from funnel.reports.names import called

LATEST = 30


@dataclass(frozen=True, slots=True)
class Listener:
    """A webhook.

    `last` is None before the first message; `made_by` and `revoked_by` are names, else e-mail
    addresses.
    """

    number: int
    url: str
    wants: tuple[str, ...]
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    last: str | None

    @property
    def is_on(self) -> bool:
        return self.revoked_at is None


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


def list_webhooks(practice: Practice) -> tuple[Listener, ...]:
    """Active first, oldest on top. One query."""
    latest = Message.objects.filter(webhook=OuterRef("pk")).order_by("-pk")
    rows: QuerySet[Any] = Webhook.objects.filter(practice=practice).annotate(
        maker=called(practice, "made_by"),
        revoker=called(practice, "revoked_by"),
        last_state=Subquery(latest.values("state")[:1]),
    )
    listed = (
        Listener(
            number=row.pk,
            url=row.url,
            wants=tuple(_wants(row)),
            made_at=row.made_at,
            made_by=row.maker,
            revoked_at=row.revoked_at,
            revoked_by=row.revoker,
            last=Message.State(row.last_state).label if row.last_state else None,
        )
        for row in rows
    )
    return tuple(sorted(listed, key=lambda listener: not listener.is_on))


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
