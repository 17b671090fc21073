"""Run every minute; each message goes out once, and again after a while where it did not arrive."""

import hashlib
import hmac
from argparse import ArgumentParser
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from funnel import outbound
from funnel.actions import webhooks
from funnel.domain.weeks import local_today
from funnel.models import Delivery


class Command(BaseCommand):
    help = "Tells the practices' webhooks what has happened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many messages are due and send nothing"
        )

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        now = timezone.now()
        if dry_run:
            self.stdout.write(f"Would send {len(webhooks.due(now))}.")
            return
        webhooks.tidy(now)
        for practice in webhooks.listened():
            today = local_today(now, practice.time_zone)
            webhooks.announce_unowned(practice=practice, today=today, now=now)
        arrived = 0
        deaf: set[int] = set()
        for delivery in webhooks.due(now):
            # Whoever does not answer holds up only what is meant for them.
            if delivery.webhook_id in deaf or not webhooks.claim(delivery, now):
                continue
            answer = outbound.post(
                delivery.webhook.url,
                delivery.body.encode(),
                signed(delivery, timezone.now()),
                private_hosts=settings.WEBHOOK_PRIVATE_HOSTS,
            )
            webhooks.settle(
                delivery, arrived=answer.is_yes, answer=answer.sentence, now=timezone.now()
            )
            if answer.is_yes:
                arrived += 1
            else:
                deaf.add(delivery.webhook_id)
        self.stdout.write(f"Delivered {arrived}; {len(deaf)} of the webhooks did not answer.")


def signed(delivery: Delivery, now: datetime) -> dict[str, str]:
    """The headers of a message, signed as the Standard Webhooks say: HMAC-SHA256 over its number,
    the second it is sent in, and its body."""
    number, second = f"msg_{delivery.pk}", str(int(now.timestamp()))
    key = b64decode(webhooks.secret_of(delivery.webhook).removeprefix("whsec_"))
    told = f"{number}.{second}.{delivery.body}".encode()
    signature = b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Weekly-KPI",
        "webhook-id": number,
        "webhook-timestamp": second,
        "webhook-signature": f"v1,{signature}",
    }
