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
    """Create a webhook, once per form as `secrets.store`.

    Raises PermissionDenied unless admin; ValidationError for the eleventh and without event.
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
    """Revoke it and its waiting messages. Raises PermissionDenied unless admin."""
    require(May.SET_UP_WEBHOOKS, by, of=webhook.practice_id)
    revoked = secrets.revoke(webhook, by=by)
    cancel(Message.objects.filter(webhook=revoked))
    return revoked


def test(*, by: Seat, webhook: Webhook, once: str) -> None:
    """Queue a test message, once per `once`.

    Raises PermissionDenied unless admin; ValidationError if revoked or another test waits.
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
    """Send a failed message again; return whether it exists.

    Raises PermissionDenied unless admin; ValidationError if revoked.
    """
    require(May.SET_UP_WEBHOOKS, by, of=webhook.practice_id)
    if webhook.revoked_at is not None:
        raise ValidationError("This webhook is switched off.")
    return retry(Message.objects.filter(webhook=webhook, pk=number), timezone.now())


def secret_of(webhook: Webhook) -> str:
    """Return the signing key of Standard Webhooks: `whsec_` and 32 bytes in base64.

    Depends on SECRET_KEY.
    """
    key = derive("funnel.actions.webhooks", f"{webhook.practice_id}:{webhook.salt}")
    return f"whsec_{b64encode(key).decode()}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event; `key` is unique per practice."""

    event: Message.Event
    key: str
    data: Mapping[str, Any]


def announce(*, practice: Practice, announcements: Sequence[Announcement], now: datetime) -> None:
    """Queue messages in the caller's transaction. Two queries, one without webhooks."""
    hooks = list(Webhook.objects.listening().filter(practice=practice))
    _queue(practice, hooks, announcements, now)


def announce_unowned(*, practice: Practice, today: date, now: datetime) -> None:
    """Queue a message per KPI, once each time it loses its owner. Four queries."""
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
    """Practices with a webhook for KPIs without owner. One query."""
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
    """27, not 27.00: two decimals are exact in a float's repr."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{value!r} is not told to anyone.")
