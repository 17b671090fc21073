from django.db import models

from funnel.models.practice import Practice


class PracticeVersion(models.Model):
    """The number of writes to a practice that its pages can show; no row means 0.

    Raised by `funnel.actions.writing`, in the transaction of the write. Two reads that return the
    same number have no committed write between them.

    Guaranteed: one number a practice (the primary key), 0 or more (the field's own check).
    """

    practice = models.OneToOneField(
        Practice, models.PROTECT, primary_key=True, related_name="version"
    )
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"version {self.number}"
