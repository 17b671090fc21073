from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from funnel.models.kpi import KPI
from funnel.models.recorded import Recorded
from funnel.models.week import validate_monday


class Target(Recorded):
    """One per KPI and week (`funnel_target_once`), in range (`funnel_target_in_range`), from a
    Monday (`funnel_target_monday`)."""

    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="targets", db_index=False)
    from_week = models.DateField(
        validators=[validate_monday], help_text="The Monday it is in force from."
    )
    value = models.DecimalField(max_digits=11, decimal_places=2)
    set_at = models.DateTimeField(editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["kpi_id", "from_week"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "from_week"],
                name="funnel_target_once",
                violation_error_message="A target from this week on is already set.",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0, value__lte=999_999_999),
                name="funnel_target_in_range",
                violation_error_message="A target lies between 0 and 999,999,999.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.value} from {self.from_week:%G-W%V}"
