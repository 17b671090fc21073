from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from funnel.models.kpi import KPI
from funnel.models.recorded import Recorded
from funnel.models.staff import Staff


class StandInQuerySet(models.QuerySet["StandIn"]):
    def on(self, day: date) -> "StandInQuerySet":
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class StandIn(Recorded):
    """May enter a KPI for its owner; both days included.

    Not ending before its start (`funnel_standin_ends_after_start`), of the practice
    (`funnel_standin_of_practice`). Only the action checks activity.
    """

    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="stand_ins")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="stand_ins")
    starts_on = models.DateField("from")
    ends_on = models.DateField("to")
    named_at = models.DateTimeField(editable=False)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )

    history = HistoricalRecords()
    objects = StandInQuerySet.as_manager()

    class Meta:
        ordering = ["kpi_id", "starts_on"]
        verbose_name = "stand-in"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="funnel_standin_ends_after_start",
                violation_error_message="A stand-in cannot end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} stands in for {self.kpi}"
