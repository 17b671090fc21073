from django.db import models
from django.db.models.functions import Lower

from funnel.models.practice import Practice


class KPIGroup(models.Model):
    """A scorecard heading, unique ignoring case (`funnel_kpigroup_name_once`)."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="kpi_groups")
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0, help_text="Smaller comes first.")

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = "group of KPIs"
        verbose_name_plural = "groups of KPIs"
        constraints = [
            models.UniqueConstraint(
                "practice",
                Lower("name"),
                name="funnel_kpigroup_name_once",
                violation_error_message="The practice already has a group of this name.",
            ),
            # Target of a composite foreign key on PostgreSQL.
            models.UniqueConstraint(fields=["practice", "id"], name="funnel_kpigroup_of_practice"),
        ]

    def __str__(self) -> str:
        return self.name
