from django.db import models
from django.db.models.functions import Lower

from funnel.models.practice import Practice


class Role(models.Model):
    """Decides who may own a KPI. Name unique ignoring case (`funnel_role_name_once`)."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="roles")
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0, help_text="Smaller comes first.")

    class Meta:
        ordering = ["practice", "order", "name"]
        constraints = [
            models.UniqueConstraint(
                "practice",
                Lower("name"),
                name="funnel_role_name_once",
                violation_error_message="The practice already has a role of this name.",
            ),
            # Target of composite foreign keys on PostgreSQL.
            models.UniqueConstraint(fields=["practice", "id"], name="funnel_role_of_practice"),
        ]

    def __str__(self) -> str:
        return self.name
