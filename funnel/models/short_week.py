from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from funnel.models.practice import Practice
from funnel.models.recorded import Recorded
from funnel.models.week import validate_monday

NO_REASON = "Enter the reason why the week is short."


class ShortWeek(Recorded):
    """A week excluded from averages and verdicts.

    One per practice and Monday (`funnel_shortweek_once`), 0 to 6 days open
    (`funnel_shortweek_days`), a reason (`funnel_shortweek_with_reason`).
    """

    practice = models.ForeignKey(
        Practice, models.PROTECT, related_name="short_weeks", db_index=False
    )
    week = models.DateField(validators=[validate_monday], help_text="Its Monday.")
    days_open = models.PositiveSmallIntegerField("days open")
    reason = models.CharField(max_length=200, error_messages={"blank": NO_REASON})
    marked_at = models.DateTimeField(editable=False)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )

    # Whether the action created the row.
    is_new = False

    history = HistoricalRecords()

    class Meta:
        ordering = ["practice_id", "-week"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "week"],
                name="funnel_shortweek_once",
                violation_error_message="This week is already marked as short.",
            ),
            models.CheckConstraint(
                condition=Q(days_open__lte=6),
                name="funnel_shortweek_days",
                violation_error_message="A short week has 0 to 6 days open.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="funnel_shortweek_with_reason",
                violation_error_message=NO_REASON,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice} {self.week:%G-W%V} is short"
