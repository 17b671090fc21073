from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice
from funnel.models.secret import Secret, SecretQuerySet
from funnel.models.staff import Staff


class CalendarFeed(Secret):
    """A member's calendar, read without signing in; one active (`funnel_calendarfeed_one_open`)."""

    kind = "calendar"
    expires_on = None  # type: ignore[assignment]

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="calendar_feeds")

    objects = SecretQuerySet["CalendarFeed"].as_manager()

    class Meta(Secret.Meta):
        ordering = ["staff_id", "id"]
        constraints = [
            *Secret.Meta.constraints,
            models.UniqueConstraint(
                fields=["staff"],
                condition=Q(revoked_at=None),
                name="funnel_calendarfeed_one_open",
                violation_error_message="This person already has a calendar here.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff}'s calendar"

    @property
    def practice(self) -> Practice:
        return self.staff.practice
