from django.db import models
from django.db.models import Q

from funnel.domain.reminding import ReminderKind
from funnel.models.staff import Staff
from funnel.models.week import validate_monday


class Reminder(models.Model):
    """One per person, week and kind (`funnel_reminder_once`, `funnel_reminder_kind_known`,
    `funnel_reminder_monday`).
    """

    class Kinds(models.TextChoices):
        FIRST = ReminderKind.FIRST.value, "first reminder"
        SECOND = ReminderKind.SECOND.value, "second reminder"
        MANAGERS = ReminderKind.MANAGERS.value, "list for the managers"

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="reminders_told", db_index=False)
    week = models.DateField(validators=[validate_monday])
    kind = models.CharField(
        max_length=10,
        choices=Kinds.choices,
        error_messages={"invalid_choice": "There is no such reminder."},
    )
    mailed = models.DateTimeField(help_text="When it was queued.")

    class Meta:
        ordering = ["-week", "staff_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "week", "kind"],
                name="funnel_reminder_once",
                violation_error_message="This person has had this reminder.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["first", "second", "managers"]),
                name="funnel_reminder_kind_known",
                violation_error_message="There is no such reminder.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.week:%G-W%V} {self.kind}"
