from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from funnel.models.kpi import KPI
from funnel.models.recorded import Recorded
from funnel.models.staff import Staff


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def on(self, day: date) -> "OwnershipQuerySet":
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)

    def not_over(self, day: date) -> "OwnershipQuerySet":
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Ownership(Recorded):
    """The owner of a KPI; both days included.

    One open (`funnel_ownership_one_open`), not ending before its start
    (`funnel_ownership_ends_after_start`), no overlap (`funnel_ownership_no_overlap`), of the
    practice (`funnel_ownership_of_practice`). Only the action checks role and activity.
    """

    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="ownerships")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="ownerships")
    starts_on = models.DateField("from")
    ends_on = models.DateField("to", null=True, blank=True)
    assigned_at = models.DateTimeField(editable=False)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )

    history = HistoricalRecords()
    objects = OwnershipQuerySet.as_manager()

    class Meta:
        ordering = ["kpi_id", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi"],
                condition=Q(ends_on=None),
                name="funnel_ownership_one_open",
                violation_error_message="This KPI already has an owner: one KPI, one owner.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="funnel_ownership_ends_after_start",
                violation_error_message="An ownership cannot end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} owns {self.kpi}"
