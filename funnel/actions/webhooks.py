"""Telling other programs what happens in a practice: their addresses, and the messages to them."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes
from funnel.models import Message, Ownership, Practice, Webhook
from funnel.models.secret import derive, hash_of_token
from funnel.outbox.queue import cancel, enqueue, retry, to_webhook

MOST = 10
TOO_MANY = f"A practice has at most {MOST} webhooks. Revoke one first."
WISHES = {
    Message.Event.ENTRY: "wants_entries",
    Message.Event.IMPORTED: "wants_entries",
    Message.Event.CLOSED: "wants_closings",
    Message.Event.UNOWNED: "wants_unowned",
}


@writes
def make(
    *,
    by: Seat,
    url: str,
    wants_entries: bool,
    wants_closings: bool,
    wants_unowned: bool,
    once: str,
) -> Webhook:
    """Create a webhook and return it, once a form as `secrets.store`; `secret_of` is what its
    messages are signed with.

    Raises PermissionDenied unless `by` is admin of the practice; ValidationError for the eleventh
    and for one that wants no event.
    """
    require(May.SET_UP_WEBHOOKS, by, of=by.practice.pk)
    webhook = Webhook(
        practice=by.practice,
        url=url,
        salt=hash_of_token(f"{once}\n{url}"),
        wants_entries=wants_entries,
        wants_closings=wants_closings,
        wants_unowned=wants_unowned,
    )
    return secrets.store(
        webhook,
        by=by,
        prepare=lambda: secrets.check_limit(
            Webhook.objects.filter(practice=by.practice), MOST, TOO_MANY
        ),
        practice=by.practice,
        salt=webhook.salt,
    )


@writes
def revoke(*, by: Seat, webhook: Webhook) -> Webhook:
    """Revoke the webhook, as `secrets.revoke`, and what still waits for it. Raises PermissionDenied
    unless `by` is admin of its practice."""
    require(May.SET_UP_WEBHOOKS, by, of=webhook.practice_id)
    revoked = secrets.revoke(webhook, by=by)
    cancel(Message.objects.filter(webhook=revoked))
    return revoked


def test(*, by: Seat, webhook: Webhook, once: str) -> None:
    """Queues a message that says only that it is a test; one for the same `once`.

    Raises PermissionDenied unless `by` is admin of its practice; ValidationError once it is
    switched off, and while another test waits.
    """
    require(May.SET_UP_WEBHOOKS, by, of=webhook.practice_id)
    if webhook.revoked_at is not None:
        raise ValidationError("This webhook is switched off.")
    key = f"test:{hash_of_token(once)}"
    tests = Message.objects.filter(webhook=webhook, event=Message.Event.TEST)
    if tests.waiting().exclude(key__endswith=f":{key}").exists():
        raise ValidationError("A test is on its way already. It is sent within a minute.")
    announcement = Announcement(Message.Event.TEST, key, {"sent_by": by.name})
    _queue(by.practice, [webhook], [announcement], timezone.now())


def again(*, by: Seat, webhook: Webhook, number: int) -> bool:
    """Sends a message that was given up once more, from the start; whether there was such a one.

    Raises PermissionDenied unless `by` is admin of its practice; ValidationError once it is
    switched off.
    """
    require(May.SET_UP_WEBHOOKS, by, of=webhook.practice_id)
    if webhook.revoked_at is not None:
        raise ValidationError("This webhook is switched off.")
    return retry(Message.objects.filter(webhook=webhook, pk=number), timezone.now())


def secret_of(webhook: Webhook) -> str:
    """What its messages are signed with, as the Standard Webhooks write it: `whsec_` and 32 bytes
    in base64. Another once the site has another SECRET_KEY."""
    key = derive("funnel.actions.webhooks", f"{webhook.practice_id}:{webhook.salt}")
    return f"whsec_{b64encode(key).decode()}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event that webhooks are called about; `key` identifies it among all events of a
    practice."""

    event: Message.Event
    key: str
    data: Mapping[str, Any]


def announce(*, practice: Practice, announcements: Sequence[Announcement], now: datetime) -> None:
    """Queue each of them for each of the practice's webhooks that wants its event.

    In the caller's transaction: an event that is rolled back is not announced. Two queries however
    many there are, one without a webhook.
    """
    hooks = list(Webhook.objects.listening().filter(practice=practice))
    _queue(practice, hooks, announcements, now)


def announce_unowned(*, practice: Practice, today: date, now: datetime) -> None:
    """Queues a message for each KPI that nobody owns on that day, once for each time it has become
    nobody's. Four queries."""
    assigned = practice.current_kpis(today).in_order().assigned(today)
    unowned = [one.kpi for one in assigned if one.owner is None]
    over = Ownership.objects.filter(kpi__in=unowned, ends_on__lt=today).order_by("ends_on")
    last_owned = {pk: day.isoformat() for pk, day in over.values_list("kpi", "ends_on") if day}
    page = settings.SITE_URL + reverse("responsibilities", args=[practice.slug])
    announcements = [
        Announcement(
            event=Message.Event.UNOWNED,
            key=f"unowned:{kpi.pk}:{last_owned.get(kpi.pk) or 'never'}",
            data={
                "kpi": kpi.slug,
                "role": kpi.role.name,
                "last_owned": last_owned.get(kpi.pk),
                "page": page,
            },
        )
        for kpi in unowned
    ]
    if announcements:
        announce(practice=practice, announcements=announcements, now=now)


def listened() -> list[Practice]:
    """The practices with a webhook that is told of KPIs without an owner. One query."""
    hooks = Webhook.objects.listening().filter(wants_unowned=True)
    return list(Practice.objects.filter(pk__in=hooks.values("practice")))


def _queue(
    practice: Practice,
    hooks: Sequence[Webhook],
    announcements: Iterable[Announcement],
    now: datetime,
) -> None:
    wanted = [
        (one, _body(practice, one, now), [hook for hook in hooks if _wants(hook, one.event)])
        for one in announcements
    ]
    enqueue(
        to_webhook(hook, event=one.event, about=one.key, body=body, now=now)
        for one, body, wanting in wanted
        for hook in wanting
    )


def _wants(hook: Webhook, event: Message.Event) -> bool:
    wish = WISHES.get(event)
    return wish is None or getattr(hook, wish)


def _body(practice: Practice, announcement: Announcement, now: datetime) -> str:
    return json.dumps(
        {
            "type": announcement.event.value,
            "timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {"practice": practice.slug, **announcement.data},
        },
        default=_plain,
        ensure_ascii=False,
    )


def _plain(value: Any) -> Any:
    """A stored number as JSON has it: 27, not 27.00. Two decimals are exact in a float's repr."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{value!r} is not told to anyone.")
