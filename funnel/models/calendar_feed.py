from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice
from funnel.models.secret import Secret, SecretQuerySet
from funnel.models.staff import Staff


class CalendarFeed(Secret):
    """One person's calendar of one practice, read by their calendar app without a sign-in.

    Guaranteed: a person has one in a practice that is not revoked (`funnel_calendarfeed_one_open`).
    """

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
        """The practice of its person."""
        return self.staff.practice
