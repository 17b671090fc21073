from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.kpi import KPI
from funnel.models.week import validate_monday


class Baseline(models.Model):
    """From which week on a KPI's usual behaviour is told, and what it came to once frozen.

    Every KPI has a first one, from its first number on, whose row is only made when it freezes; a
    manager begins further ones, with a reason. `mean` and `mean_range` (of the moving ranges) are
    those of its first 20 numbers, the last of which is of `frozen_week`; None while provisional.
    They are kept by `actions.baselines`, so that a board need not read them again.

    Guaranteed: one a KPI and week (`funnel_baseline_once`) and one first (`funnel_baseline_first`);
    who began a further one is known, with the reason (`funnel_baseline_with_reason`); frozen as a
    whole (`funnel_baseline_frozen`); on PostgreSQL both its weeks are Mondays.
    """

    kpi = models.ForeignKey(KPI, models.PROTECT, related_name="baselines")
    from_week = models.DateField(
        null=True,
        blank=True,
        validators=[validate_monday],
        help_text="The Monday it begins on; empty: the first number's.",
    )
    reason = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True, editable=False)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    frozen_week = models.DateField(
        null=True, blank=True, editable=False, validators=[validate_monday]
    )
    mean = models.FloatField(null=True, blank=True, editable=False)
    mean_range = models.FloatField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["kpi_id", models.F("from_week").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "from_week"],
                name="funnel_baseline_once",
                violation_error_message="A baseline already begins in this week.",
            ),
            models.UniqueConstraint(
                fields=["kpi"],
                condition=Q(from_week=None),
                name="funnel_baseline_first",
                violation_error_message="This KPI already has its first baseline.",
            ),
            models.CheckConstraint(
                condition=Q(from_week=None, reason="", begun_at=None, begun_by=None)
                | (
                    Q(from_week__isnull=False, begun_at__isnull=False, begun_by__isnull=False)
                    & ~Q(reason="")
                ),
                name="funnel_baseline_with_reason",
                violation_error_message="A new baseline says from when, by whom and why.",
            ),
            models.CheckConstraint(
                condition=Q(frozen_week=None, mean=None, mean_range=None)
                | Q(frozen_week__isnull=False, mean__isnull=False, mean_range__isnull=False),
                name="funnel_baseline_frozen",
                violation_error_message="A frozen baseline has its week, mean and mean range.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.from_week or 'its first number'}"

    @property
    def is_frozen(self) -> bool:
        """Its limits stand; more weeks do not move them."""
        return self.frozen_week is not None
