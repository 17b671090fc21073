from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice
from funnel.models.staff import Staff


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Which tokens."""

    def unrevoked(self) -> "ApiTokenQuerySet":
        """Not taken back; may have expired."""
        return self.filter(revoked_at=None)


class ApiToken(models.Model):
    """A token by which a program reads one practice, or also writes, as the person who made it.

    Only the SHA-256 of its text is stored, with the first letters to tell it by. `window` is the
    minute in which it was last counted, since 1970, and `counted` how often it was used in it.

    Guaranteed: a text belongs to one token (`funnel_apitoken_token_once`); who took it back is
    known (`funnel_apitoken_revoked_by_someone`); its person is of its practice
    (`funnel_apitoken_staff_of_practice`).
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="api_tokens")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_start = models.CharField(max_length=10, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    may_write = models.BooleanField("may also enter numbers", default=False)
    expires_on = models.DateField("until", help_text="The last day it works.")
    last_used = models.DateTimeField(null=True, blank=True, editable=False)
    window = models.PositiveBigIntegerField(default=0, editable=False)
    counted = models.PositiveIntegerField(default=0, editable=False)
    made_at = models.DateTimeField(editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                name="funnel_apitoken_token_once",
                violation_error_message="Another token has this text.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="funnel_apitoken_revoked_by_someone",
                violation_error_message="A token that was taken back says when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
