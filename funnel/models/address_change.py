from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class AddressChange(models.Model):
    """A new email address until both mailboxes confirm it.

    One open per user (`funnel_addresschange_once`), lower case
    (`funnel_addresschange_email_small`), done after both
    (`funnel_addresschange_done_when_confirmed`).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="address_changes"
    )
    old_email = models.EmailField()
    new_email = models.EmailField("new e-mail address")
    asked = models.DateTimeField()
    old_confirmed = models.DateTimeField(null=True, blank=True)
    new_confirmed = models.DateTimeField(null=True, blank=True)
    done = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(done=None),
                name="funnel_addresschange_once",
                violation_error_message="Another change of this address is waiting.",
            ),
            models.CheckConstraint(
                condition=Q(new_email=Lower("new_email")),
                name="funnel_addresschange_email_small",
                violation_error_message="Write the e-mail address in lowercase letters.",
            ),
            models.CheckConstraint(
                condition=Q(done=None)
                | Q(old_confirmed__isnull=False, new_confirmed__isnull=False),
                name="funnel_addresschange_done_when_confirmed",
                violation_error_message="Both mailboxes confirm a new address.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_email} to {self.new_email}"
