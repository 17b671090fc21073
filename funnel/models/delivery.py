from datetime import datetime

from django.db import models
from django.db.models import Q

from funnel.models.webhook import Webhook


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Which messages."""

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """To be sent by now, to an address that still listens."""
        return self.filter(next_try__lte=now, webhook__revoked_at=None)


class Delivery(models.Model):
    """One message to a webhook, queued in the transaction that it tells of.

    It waits while there is a `next_try`; with neither that nor `delivered` it is given up.

    Guaranteed: nothing is told twice to the same address (`funnel_delivery_once`), and what has
    arrived is not sent again (`funnel_delivery_arrived_once`).
    """

    class Event(models.TextChoices):
        ENTRY = "entry.saved", "A number is saved"
        IMPORTED = "entries.imported", "Numbers are imported"
        CLOSED = "week.closed", "A week is closed"
        UNOWNED = "kpi.unowned", "A KPI has no owner"
        TEST = "test", "A test"

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries", db_index=False)
    event = models.CharField(max_length=20, choices=Event.choices)
    key = models.CharField(max_length=80, help_text="What it tells of, once a webhook.")
    body = models.TextField(help_text="JSON, as it is signed and sent.")
    queued = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    delivered = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, help_text="What came of the last try.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "key"],
                name="funnel_delivery_once",
                violation_error_message="This address is told of it already.",
            ),
            models.CheckConstraint(
                condition=Q(delivered=None) | Q(next_try=None),
                name="funnel_delivery_arrived_once",
                violation_error_message="What has arrived is not sent again.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try"],
                condition=Q(next_try__isnull=False),
                name="funnel_delivery_due",
            ),
            models.Index(fields=["webhook", "-id"], name="funnel_delivery_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
