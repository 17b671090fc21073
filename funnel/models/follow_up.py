from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from funnel.models.kpi import KPI
from funnel.models.meeting import Meeting
from funnel.models.practice import Practice
from funnel.models.recorded import Recorded
from funnel.models.staff import Staff


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUpQuerySet":
        return self.filter(done_at=None, dropped_at=None)

    def overdue(self, day: date) -> "FollowUpQuerySet":
        return self.open().filter(due_on__lt=day)


class FollowUp(Recorded):
    """A task agreed in a meeting.

    Done by someone (`funnel_followup_done_by_someone`) or dropped with a reason
    (`funnel_followup_dropped_with_reason`), not both (`funnel_followup_one_end`); meeting, KPI and
    owner of its practice.
    """

    practice = models.ForeignKey(
        Practice, models.PROTECT, related_name="follow_ups", db_index=False
    )
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="follow_ups")
    kpi = models.ForeignKey(KPI, models.PROTECT, null=True, blank=True, related_name="follow_ups")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="follow_ups")
    due_on = models.DateField("due")
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes, from 1.")
    promised_at = models.DateTimeField(editable=False)
    promised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    dropped_because = models.CharField(max_length=200, blank=True)

    # Set by the action that returns it.
    is_new = False

    history = HistoricalRecords()
    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = "follow-up"
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="funnel_followup_done_by_someone",
                violation_error_message="A done follow-up states when and by whom.",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by=None, dropped_because="")
                | (Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(dropped_because="")),
                name="funnel_followup_dropped_with_reason",
                violation_error_message="A dropped follow-up states when, by whom and why.",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(dropped_at=None),
                name="funnel_followup_one_end",
                violation_error_message="A follow-up is done or dropped, not both.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "due_on"],
                condition=Q(done_at=None, dropped_at=None),
                name="funnel_followup_open",
            ),
            models.Index(fields=["practice", "-promised_at"], name="funnel_followup_latest"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.dropped_at is None
