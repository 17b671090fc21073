from django.conf import settings
from django.db import models
from django.db.models import Q

from funnel.models.kpi import KPI
from funnel.models.meeting import Meeting


class MeetingNote(models.Model):
    """One per KPI (`funnel_meetingnote_kpi_once`) or part (`funnel_meetingnote_part_once`).

    A KPI's is in the numbers part (`funnel_meetingnote_kpi_in_numbers`), of the practice
    (`funnel_meetingnote_of_practice`).
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="notes", db_index=False)
    part = models.CharField(
        max_length=10,
        choices=Meeting.Part.choices,
        error_messages={"invalid_choice": "The meeting has no such part."},
    )
    kpi = models.ForeignKey(KPI, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes, from 1.")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["meeting_id", "part", "kpi_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kpi"],
                condition=Q(kpi__isnull=False),
                name="funnel_meetingnote_kpi_once",
                violation_error_message="This KPI already has its note in this meeting.",
            ),
            models.UniqueConstraint(
                fields=["meeting", "part"],
                condition=Q(kpi=None),
                name="funnel_meetingnote_part_once",
                violation_error_message="This part of the meeting already has its note.",
            ),
            models.CheckConstraint(
                condition=Q(part__in=["numbers", "ahead", "issues"]),
                name="funnel_meetingnote_part_known",
                violation_error_message="The meeting has no such part.",
            ),
            models.CheckConstraint(
                condition=Q(kpi=None) | Q(part="numbers"),
                name="funnel_meetingnote_kpi_in_numbers",
                violation_error_message="A note on a KPI belongs to the part of the numbers.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.kpi or self.get_part_display()}"
