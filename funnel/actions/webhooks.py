"""Telling other programs what happens in a practice: their addresses, and the messages to them."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes
from funnel.domain.retries import wait_after
from funnel.models import Delivery, Ownership, Practice, Webhook
from funnel.models.secret import derive, hash_of_token

MOST = 10
TOO_MANY = f"A practice has at most {MOST} webhooks. Revoke one first."
MOST_A_RUN = 500
BATCH = 500
ANSWER_LENGTH = 200
WISHES = {
    Delivery.Event.ENTRY: "wants_entries",
    Delivery.Event.IMPORTED: "wants_entries",
    Delivery.Event.CLOSED: "wants_closings",
    Delivery.Event.UNOWNED: "wants_unowned",
}
# What waits longer is given up, what is older than that is forgotten.
WAITS_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=30)


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
    revoked.deliveries.filter(next_try__isnull=False).update(next_try=None)
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
    waiting = webhook.deliveries.filter(event=Delivery.Event.TEST, next_try__isnull=False)
    if waiting.exclude(key=key).exists():
        raise ValidationError("A test is on its way already. It goes out within a minute.")
    message = Message(Delivery.Event.TEST, key, {"sent_by": by.name})
    _queue(by.practice, [webhook], [message], timezone.now())


def again(*, by: Seat, webhook: Webhook, number: int) -> bool:
    """Sends a message that was given up once more, from the start; whether there was such a one.

    Raises PermissionDenied unless `by` is admin of its practice; ValidationError once it is
    switched off.
    """
    require(May.SET_UP_WEBHOOKS, by, of=webhook.practice_id)
    if webhook.revoked_at is not None:
        raise ValidationError("This webhook is switched off.")
    given_up = webhook.deliveries.filter(pk=number, delivered=None, next_try=None)
    now = timezone.now()
    return bool(given_up.update(next_try=now, queued=now, tries=0))


def secret_of(webhook: Webhook) -> str:
    """What its messages are signed with, as the Standard Webhooks write it: `whsec_` and 32 bytes
    in base64. Another once the site has another SECRET_KEY."""
    key = derive("funnel.actions.webhooks", f"{webhook.practice_id}:{webhook.salt}")
    return f"whsec_{b64encode(key).decode()}"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of one thing that has happened; `key` names that thing, once for good."""

    event: Delivery.Event
    key: str
    said: Mapping[str, Any]


def announce(*, practice: Practice, messages: Sequence[Message], now: datetime) -> None:
    """Queues each message to each of the practice's webhooks that wants its event.

    In the caller's transaction, so that what did not happen is told to nobody. Two queries however
    many there are, one where nobody listens.
    """
    hooks = list(Webhook.objects.listening().filter(practice=practice))
    _queue(practice, hooks, messages, now)


def announce_unowned(*, practice: Practice, today: date, now: datetime) -> None:
    """Queues a message for each KPI that nobody owns on that day, once for each time it has become
    nobody's. Four queries."""
    assigned = practice.current_kpis(today).in_order().assigned(today)
    unowned = [one.kpi for one in assigned if one.owner is None]
    over = Ownership.objects.filter(kpi__in=unowned, ends_on__lt=today).order_by("ends_on")
    last_owned = {pk: day.isoformat() for pk, day in over.values_list("kpi", "ends_on") if day}
    page = settings.SITE_URL + reverse("responsibilities", args=[practice.slug])
    messages = [
        Message(
            event=Delivery.Event.UNOWNED,
            key=f"unowned:{kpi.pk}:{last_owned.get(kpi.pk) or 'never'}",
            said={
                "kpi": kpi.slug,
                "role": kpi.role.name,
                "last_owned": last_owned.get(kpi.pk),
                "page": page,
            },
        )
        for kpi in unowned
    ]
    if messages:
        announce(practice=practice, messages=messages, now=now)


def listened() -> list[Practice]:
    """The practices with a webhook that is told of KPIs without an owner. One query."""
    hooks = Webhook.objects.listening().filter(wants_unowned=True)
    return list(Practice.objects.filter(pk__in=hooks.values("practice")))


def due(now: datetime) -> list[Delivery]:
    """What is to be sent by now, the longest due first, as many as one run sends. One query."""
    rows = Delivery.objects.due(now).select_related("webhook").order_by("next_try", "pk")
    return list(rows[:MOST_A_RUN])


def claim(delivery: Delivery, now: datetime) -> bool:
    """Takes a due message to be sent now, and puts its next try off; False when another process has
    taken it, or it is no longer due. One statement.

    Whoever is killed after this has sent it or not: it is sent again in its turn, with the same
    `webhook-id`, by which its reader knows it.
    """
    wait = wait_after(delivery.tries + 1)
    # Of this row alone: what is asked of another table PostgreSQL does not ask again once it has
    # waited for whoever was faster.
    unchanged = Delivery.objects.filter(pk=delivery.pk, tries=delivery.tries, next_try__lte=now)
    next_try = None if wait is None else now + wait
    return bool(unchanged.update(tries=F("tries") + 1, next_try=next_try, answer=""))


def settle(delivery: Delivery, *, arrived: bool, answer: str, now: datetime) -> None:
    """Keeps what came of a try. One statement."""
    kept: dict[str, Any] = {"answer": answer[:ANSWER_LENGTH]}
    if arrived:
        kept |= {"delivered": now, "next_try": None}
    Delivery.objects.filter(pk=delivery.pk).update(**kept)


def tidy(now: datetime) -> None:
    """Gives up what has waited for a week, and forgets what is older than a month; not that a KPI
    has no owner, of which the row says that it was told. Two statements."""
    old = Delivery.objects.filter(next_try__isnull=False, queued__lt=now - WAITS_FOR)
    old.update(next_try=None)
    over = Delivery.objects.filter(next_try=None, queued__lt=now - KEPT_FOR)
    over.exclude(event=Delivery.Event.UNOWNED).delete()


def _queue(
    practice: Practice, hooks: Iterable[Webhook], messages: Iterable[Message], now: datetime
) -> None:
    told = [
        (message, _body(practice, message, now))
        for message in messages
        if any(_wants(hook, message.event) for hook in hooks)
    ]
    Delivery.objects.bulk_create(
        (
            Delivery(
                webhook=hook,
                event=message.event,
                key=message.key,
                body=body,
                queued=now,
                next_try=now,
            )
            for message, body in told
            for hook in hooks
            if _wants(hook, message.event)
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _wants(hook: Webhook, event: Delivery.Event) -> bool:
    wish = WISHES.get(event)
    return wish is None or getattr(hook, wish)


def _body(practice: Practice, message: Message, now: datetime) -> str:
    return json.dumps(
        {
            "type": message.event.value,
            "timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {"practice": practice.slug, **message.said},
        },
        default=_plain,
        ensure_ascii=False,
    )


def _plain(value: Any) -> Any:
    """A stored number as JSON has it: 27, not 27.00. Two decimals are exact in a float's repr."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{value!r} is not told to anyone.")
