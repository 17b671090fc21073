from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice
from funnel.models.secret import Revocable


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def listening(self) -> "WebhookQuerySet":
        return self.filter(revoked_at=None)


class Webhook(Revocable):
    """A URL that events of one practice are sent to.

    Signed with a secret derived from `salt` and SECRET_KEY, not stored. Has an event
    (`funnel_webhook_wants_something`); one per form (`funnel_webhook_once`).
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="webhooks", db_index=False)
    url = models.CharField("address", max_length=500)
    salt = models.CharField(max_length=64, editable=False)
    wants_entries = models.BooleanField("a number is saved", default=True)
    wants_closings = models.BooleanField("a week is closed", default=True)
    wants_unowned = models.BooleanField("a KPI has no owner", default=True)

    objects = WebhookQuerySet.as_manager()

    class Meta(Revocable.Meta):
        ordering = ["id"]
        constraints = [
            *Revocable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(wants_entries=True) | Q(wants_closings=True) | Q(wants_unowned=True),
                name="funnel_webhook_wants_something",
                violation_error_message="Choose at least one thing that the address is told.",
            ),
            models.UniqueConstraint(
                fields=["practice", "salt"],
                name="funnel_webhook_once",
                violation_error_message="This webhook is made already.",
            ),
        ]

    def __str__(self) -> str:
        return self.url
