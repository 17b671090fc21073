from django.conf import settings
from django.db import models
from django.db.models import F, Q

from funnel.models.kpi import KPI
from funnel.models.week import validate_monday

NO_REASON = "Enter a reason for the new baseline."


class Baseline(models.Model):
    """From `from_week` on the usual range comes from the first 20 recorded weeks.

    One per KPI and Monday (`funnel_baseline_once`), with a reason (`funnel_baseline_with_reason`),
    ended later by someone (`funnel_baseline_ended_by_someone`).
    """

    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="baselines")
    from_week = models.DateField(validators=[validate_monday], help_text="Its Monday.")
    reason = models.CharField(max_length=200, error_messages={"blank": NO_REASON})
    begun_at = models.DateTimeField(editable=False)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    ended_week = models.DateField(
        null=True,
        blank=True,
        validators=[validate_monday],
        help_text="The Monday from which the usual range is the default one again.",
    )
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        ordering = ["kpi_id", "from_week"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "from_week"],
                name="funnel_baseline_once",
                violation_error_message="A baseline already starts in this week.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="funnel_baseline_with_reason",
                violation_error_message=NO_REASON,
            ),
            models.CheckConstraint(
                condition=Q(ended_week=None, ended_at=None, ended_by=None)
                | Q(
                    # A comparison with NULL is not false, and a CHECK only refuses false.
                    ended_week__isnull=False,
                    ended_week__gt=F("from_week"),
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                ),
                name="funnel_baseline_ended_by_someone",
                violation_error_message="An ended baseline states from when, at what time and by "
                "whom, and ends after its start.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.from_week:%G-W%V}"
