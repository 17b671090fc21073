from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.practice import Practice
from funnel.models.week import validate_monday


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def closed(self) -> "MeetingQuerySet":
        return self.filter(closed_at__isnull=False)

    def begun(self) -> "MeetingQuerySet":
        """Started or closed."""
        return self.filter(Q(started_at__isnull=False) | Q(closed_at__isnull=False))


class Meeting(models.Model):
    """The meeting of a week; every write to that week locks it first.

    `running_since` is None if paused, `spent_*` are seconds; `revision` counts changes.

    One per practice (`funnel_meeting_once`) and Monday (`funnel_meeting_monday`), started and
    closed by someone (`funnel_meeting_started_by_someone`, `funnel_meeting_closed_by_someone`),
    reopened with a reason (`funnel_meeting_reopened_with_reason`), clock only in a part
    (`funnel_meeting_clock_of_part`).
    """

    class Part(models.TextChoices):
        NUMBERS = "numbers", "Last week's numbers"
        AHEAD = "ahead", "The week ahead"
        ISSUES = "issues", "Issues and follow-ups"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="meetings", db_index=False)
    week = models.DateField(validators=[validate_monday])
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    part = models.CharField(
        max_length=10,
        choices=Part.choices,
        blank=True,
        error_messages={"invalid_choice": "The meeting has no such part."},
    )
    running_since = models.DateTimeField(null=True, blank=True)
    spent_numbers = models.PositiveIntegerField(default=0)
    spent_ahead = models.PositiveIntegerField(default=0)
    spent_issues = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_because = models.CharField(max_length=200, blank=True)

    # Set by `actions.meetings.lock`: whether a webhook listens.
    is_listened = False

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
                condition=Q(started_at=None, started_by=None)
                | Q(started_at__isnull=False, started_by__isnull=False),
                name="funnel_meeting_started_by_someone",
                violation_error_message="A started meeting states when and by whom.",
            ),
            models.CheckConstraint(
                condition=Q(running_since=None) | ~Q(part=""),
                name="funnel_meeting_clock_of_part",
                violation_error_message="Choose a part of the meeting before its clock runs.",
            ),
            models.CheckConstraint(
                condition=Q(part__in=["", "numbers", "ahead", "issues"]),
                name="funnel_meeting_part_known",
                violation_error_message="The meeting has no such part.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="funnel_meeting_closed_by_someone",
                violation_error_message="A closed meeting states when and by whom.",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopened_because="")
                | (
                    Q(reopened_at__isnull=False, reopened_by__isnull=False)
                    & ~Q(reopened_because="")
                ),
                name="funnel_meeting_reopened_with_reason",
                violation_error_message="A reopened meeting states when, by whom and why.",
            ),
            # Target of composite foreign keys on PostgreSQL.
            models.UniqueConstraint(fields=["practice", "id"], name="funnel_meeting_of_practice"),
        ]

    def __str__(self) -> str:
        return f"{self.practice} {self.week:%G-W%V}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def was_closed(self) -> bool:
        """Changes are corrections."""
        return self.reopened_at is not None

    def seconds(self, part: Part, now: datetime) -> int:
        """Time in that part so far."""
        spent: int = getattr(self, f"spent_{part}")
        if self.running_since is None or self.part != part:
            return spent
        # Clocks of hosts may differ: never negative.
        return spent + max(0, round((now - self.running_since).total_seconds()))
