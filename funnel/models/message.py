from datetime import datetime

from django.db import models
from django.db.models import Q

from funnel.models.staff import Staff
from funnel.models.webhook import Webhook

TO_STAFF = ("recap", "reminder", "unowned", "invitation")
TO_ADDRESS = ("password", "address")


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        return self.filter(state=Message.State.WAITING)

    def due(self, now: datetime) -> "MessageQuerySet":
        return self.waiting().filter(due_at__lte=now)

    def mails(self) -> "MessageQuerySet":
        return self.exclude(kind=Message.Kind.WEBHOOK)

    def calls(self) -> "MessageQuerySet":
        return self.filter(kind=Message.Kind.WEBHOOK)


class Message(models.Model):
    """A mail or webhook call, stored in the transaction of its cause.

    `body` is JSON, of a mail only its input, so no secret is stored. `due_at` is the next attempt
    or the end of the lease.

    One per key (`funnel_message_once`), with a recipient of its kind
    (`funnel_message_one_recipient`), a known state (`funnel_message_state_known`), due only while
    waiting (`funnel_message_due_while_waiting`), delivered once (`funnel_message_delivered_once`).
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "webhook call"
        RECAP = "recap", "recap of a meeting"
        REMINDER = "reminder", "reminder of missing numbers"
        UNOWNED = "unowned", "KPIs without an owner"
        INVITATION = "invitation", "invitation"
        PASSWORD = "password", "link to set a password"
        ADDRESS = "address", "confirmation of an e-mail address"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        CANCELLED = "cancelled", "cancelled"
        DEAD = "dead", "failed"

    class Event(models.TextChoices):
        ENTRY = "entry.saved", "A number is saved"
        IMPORTED = "entries.imported", "Numbers are imported"
        CLOSED = "week.closed", "A week is closed"
        UNOWNED = "kpi.unowned", "A KPI has no owner"
        TEST = "test", "A test"

    kind = models.CharField(
        max_length=12,
        choices=Kind.choices,
        error_messages={
            "invalid_choice": "A message is of a known kind and has one recipient of it."
        },
    )
    key = models.CharField(max_length=320, help_text="Recipient and occasion: one message each.")
    webhook = models.ForeignKey(
        Webhook, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="messages")
    email = models.EmailField("address", blank=True)
    event = models.CharField(max_length=20, choices=Event.choices, blank=True)
    body = models.TextField(default="{}", help_text="JSON.")
    queued_at = models.DateTimeField("queued")
    due_at = models.DateTimeField("due", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField("last attempt", null=True, blank=True)
    delivered_at = models.DateTimeField("delivered", null=True, blank=True)
    state = models.CharField(
        max_length=10,
        choices=State.choices,
        default=State.WAITING,
        error_messages={"invalid_choice": "A message has no such state."},
    )
    answer = models.CharField("result", max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="funnel_message_once",
                violation_error_message="This message is queued already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "cancelled", "dead"]),
                name="funnel_message_state_known",
                violation_error_message="A message has no such state.",
            ),
            models.CheckConstraint(
                condition=Q(kind="webhook", webhook__isnull=False, staff=None, email="")
                | Q(kind__in=TO_STAFF, webhook=None, staff__isnull=False, email="")
                | (Q(kind__in=TO_ADDRESS, webhook=None, staff=None) & ~Q(email="")),
                name="funnel_message_one_recipient",
                violation_error_message="A message is of a known kind and has one recipient of it.",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", due_at__isnull=False)
                | (~Q(state="waiting") & Q(due_at=None)),
                name="funnel_message_due_while_waiting",
                violation_error_message="A message has a next time exactly while it waits.",
            ),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at=None)),
                name="funnel_message_delivered_once",
                violation_error_message="A delivered message states when, and no other does.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state="waiting"),
                name="funnel_message_due",
            ),
            models.Index(fields=["webhook", "-id"], name="funnel_message_latest"),
            models.Index(fields=["email"], condition=~Q(email=""), name="funnel_message_address"),
            models.Index(
                fields=["attempted_at"],
                condition=Q(attempted_at__isnull=False),
                name="funnel_message_attempted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.webhook or self.staff or self.email}"

    @property
    def is_mail(self) -> bool:
        return self.kind != self.Kind.WEBHOOK
