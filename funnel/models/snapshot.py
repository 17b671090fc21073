from django.conf import settings
from django.db import models

from funnel.models.meeting import Meeting


class Snapshot(models.Model):
    """The board as first closed, never changed."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="snapshot")
    board = models.JSONField(help_text="As reports.snapshot writes it.")
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"The board of {self.meeting}"
