from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice
from funnel.models.week import validate_monday


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Which reviews."""

    def closed(self) -> "MeetingQuerySet":
        """Over: the week takes no further numbers."""
        return self.filter(closed_at__isnull=False)


class Meeting(models.Model):
    """The weekly review of one week, open or closed; the row every write to that week locks first.

    Guaranteed: one a practice and week (`funnel_meeting_once`); who closed it is known
    (`funnel_meeting_closed_by_someone`), and who reopened it, with the reason
    (`funnel_meeting_reopened_with_reason`).
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="meetings", db_index=False)
    week = models.DateField(validators=[validate_monday])
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_because = models.CharField(max_length=200, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-week"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "week"],
                name="funnel_meeting_once",
                violation_error_message="This week already has its meeting.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="funnel_meeting_closed_by_someone",
                violation_error_message="A closed meeting says when and by whom.",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopened_because="")
                | (
                    Q(reopened_at__isnull=False, reopened_by__isnull=False)
                    & ~Q(reopened_because="")
                ),
                name="funnel_meeting_reopened_with_reason",
                violation_error_message="A reopened meeting says when, by whom and why.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice} {self.week:%G-W%V}"

    @property
    def is_closed(self) -> bool:
        """Whether the week is read-only."""
        return self.closed_at is not None
