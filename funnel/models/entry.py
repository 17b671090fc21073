from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from funnel.models.kpi import KPI
from funnel.models.practice import Practice
from funnel.models.recorded import Recorded
from funnel.models.staff import Staff
from funnel.models.week import validate_monday


class WeeklyEntryQuerySet(models.QuerySet["WeeklyEntry"]):
    def between(self, first: date, last: date) -> "WeeklyEntryQuerySet":
        """Both inclusive."""
        return self.filter(week__gte=first, week__lte=last)


class WeeklyEntry(Recorded):
    """A KPI's number for one week.

    One per KPI and Monday (`funnel_entry_once`), 0 to 999,999,999 (`funnel_entry_in_range`),
    `seen_value` only if corrected (`funnel_entry_seen_if_corrected`); KPI and owner of its
    practice.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+", db_index=False)
    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="entries", db_index=False)
    week = models.DateField(validators=[validate_monday], help_text="Its Monday.")
    value = models.DecimalField(max_digits=11, decimal_places=2)
    note = models.CharField(max_length=500, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    entered_for = models.ForeignKey(
        Staff,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="The owner, when someone else entered it for them.",
    )
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why a manager entered it instead of its owner."
    )
    is_corrected = models.BooleanField(
        default=False, help_text="Different from what the team saw when the week was first closed."
    )
    seen_value = models.DecimalField(
        max_digits=11,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="The value that the team saw, if corrected; empty: it was missing.",
    )
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes, from 1.")

    # Set by the action that returns it.
    is_new = False

    history = HistoricalRecords()
    objects = WeeklyEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-week", "kpi_id"]
        verbose_name = "weekly entry"
        verbose_name_plural = "weekly entries"
        constraints = [
            # No include=: SQLite would silently not create the constraint.
            models.UniqueConstraint(
                fields=["kpi", "week"],
                name="funnel_entry_once",
                violation_error_message="This week's number is already in.",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0, value__lte=999_999_999),
                name="funnel_entry_in_range",
                violation_error_message="A number lies between 0 and 999,999,999.",
            ),
            models.CheckConstraint(
                condition=Q(seen_value=None) | Q(is_corrected=True),
                name="funnel_entry_seen_if_corrected",
                violation_error_message="Only a corrected number has an earlier one.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "week", "kpi"], include=["value"], name="funnel_entry_board"
            ),
            # Few rows: corrections after a meeting.
            models.Index(
                fields=["practice", "week"],
                condition=Q(is_corrected=True),
                name="funnel_entry_corrected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.week:%G-W%V}"
