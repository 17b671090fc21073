from django.conf import settings
from django.db import models

from funnel.models.meeting import Meeting
from funnel.models.staff import Staff


class Attendance(models.Model):
    """Once per meeting (`funnel_attendance_once`), of its practice
    (`funnel_attendance_of_practice`)."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances", db_index=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "staff"],
                name="funnel_attendance_once",
                violation_error_message="This person is already marked as present.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} at {self.meeting}"
