from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.staff import Staff


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    """Which calendars."""

    def unrevoked(self) -> "CalendarFeedQuerySet":
        """Not taken back; may be of someone who has left."""
        return self.filter(revoked_at=None)


class CalendarFeed(models.Model):
    """One person's calendar of one practice, read by their calendar app without signing in.

    Its address is known to whoever was given it; only its SHA-256 is stored, with the first
    letters to tell it by.

    Guaranteed: an address belongs to one calendar (`funnel_calendarfeed_token_once`), a person has
    one in a practice that is not taken back (`funnel_calendarfeed_one_open`), and who took it back
    is known (`funnel_calendarfeed_revoked_by_someone`).
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="calendar_feeds")
    token_start = models.CharField(max_length=6, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
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

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["staff_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                name="funnel_calendarfeed_token_once",
                violation_error_message="Another calendar has this address.",
            ),
            models.UniqueConstraint(
                fields=["staff"],
                condition=Q(revoked_at=None),
                name="funnel_calendarfeed_one_open",
                violation_error_message="This person already has a calendar here.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="funnel_calendarfeed_revoked_by_someone",
                violation_error_message="A calendar that was taken back says when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff}'s calendar"
