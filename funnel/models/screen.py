from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice


class ScreenQuerySet(models.QuerySet["Screen"]):
    """Which walls."""

    def unrevoked(self) -> "ScreenQuerySet":
        """Not taken back by a manager; may have expired."""
        return self.filter(revoked_at=None)


class Screen(models.Model):
    """A screen on a wall that shows one practice's board without anyone signing in.

    Its address is known to whoever was given it; only its SHA-256 is stored, with the first
    letters to tell it by.

    Guaranteed: an address belongs to one screen (`funnel_screen_token_once`); who took it back is
    known (`funnel_screen_revoked_by_someone`).
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="screens")
    name = models.CharField(max_length=60)
    token_start = models.CharField(max_length=6, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    shows_names = models.BooleanField("shows the names of staff", default=False)
    expires_on = models.DateField("until", help_text="The last day it shows the board.")
    last_seen = models.DateTimeField(null=True, blank=True, editable=False)
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

    objects = ScreenQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                name="funnel_screen_token_once",
                violation_error_message="Another screen has this address.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="funnel_screen_revoked_by_someone",
                violation_error_message="A screen that was taken back says when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
