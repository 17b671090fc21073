from django.conf import settings
from django.db import models

from funnel.models.kpi import KPI
from funnel.models.meeting import Meeting


class NotBrought(models.Model):
    """Missing in a meeting, even if entered later.

    Once (`funnel_notbrought_once`), of its practice (`funnel_notbrought_of_practice`).
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="not_brought", db_index=False)
    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "number not brought"
        verbose_name_plural = "numbers not brought"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kpi"],
                name="funnel_notbrought_once",
                violation_error_message="This number is already marked as not brought.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} not brought to {self.meeting}"
