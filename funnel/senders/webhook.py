import hashlib
import hmac
from base64 import b64decode, b64encode
from datetime import datetime

from django.conf import settings

from funnel import outbound
from funnel.actions import webhooks
from funnel.models import Message
from funnel.outbox.outcome import Outcome


def call(message: Message, now: datetime) -> Outcome:
    webhook = message.webhook
    assert webhook is not None  # noqa: S101 - a constraint of the model
    if webhook.revoked_at is not None:
        return Outcome.cancelled("The webhook was revoked.")
    answer = outbound.post(
        webhook.url,
        message.body.encode(),
        signed(message, now),
        private_hosts=settings.WEBHOOK_PRIVATE_HOSTS,
    )
    if answer.is_yes:
        return Outcome.delivered(answer.sentence)
    return Outcome.refused(answer.sentence)


def signed(message: Message, now: datetime) -> dict[str, str]:
    """Headers by Standard Webhooks: HMAC-SHA256 of id, second and body."""
    webhook = message.webhook
    assert webhook is not None  # noqa: S101 - a constraint of the model
    number, second = f"msg_{message.pk}", str(int(now.timestamp()))
    key = b64decode(webhooks.secret_of(webhook).removeprefix("whsec_"))
    content = f"{number}.{second}.{message.body}".encode()
    signature = b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Weekly-KPI",
        "webhook-id": number,
        "webhook-timestamp": second,
        "webhook-signature": f"v1,{signature}",
    }
