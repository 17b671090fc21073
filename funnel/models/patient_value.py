from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from funnel.models.dated import Dated
from funnel.models.practice import Practice
from funnel.models.recorded import Recorded


class PatientValueQuerySet(models.QuerySet["PatientValue"]):
    def in_force(self, practice: Practice, monday: date) -> Decimal | None:
        """One query."""
        rows = self.filter(practice=practice, from_week__lte=monday).order_by("-from_week")
        return rows.values_list("value", flat=True).first()


class PatientValue(Dated, Recorded):
    """Value of one acquired patient; None: money is not shown.

    One per practice and Monday (`funnel_patientvalue_once`), not negative
    (`funnel_patientvalue_not_negative`).
    """

    practice = models.ForeignKey(
        Practice, models.PROTECT, related_name="patient_values", db_index=False
    )
    value = models.DecimalField(
        "value of one acquired patient",
        max_digits=11,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(Decimal(0), "The value of one acquired patient cannot be negative.")
        ],
        help_text="Turns lost patients into money. Empty: money is not shown.",
    )

    history = HistoricalRecords()
    objects = PatientValueQuerySet.as_manager()

    class Meta:
        ordering = ["practice_id", "from_week"]
        verbose_name = "value of a patient"
        verbose_name_plural = "values of a patient"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "from_week"],
                name="funnel_patientvalue_once",
                violation_error_message="A value from this week on is already set.",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__gte=0),
                name="funnel_patientvalue_not_negative",
                violation_error_message="The value of one acquired patient cannot be negative.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice}: {self.value} from {self.from_week:%G-W%V}"
