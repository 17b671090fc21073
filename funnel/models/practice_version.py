from django.db import models

from funnel.models.practice import Practice


class PracticeVersion(models.Model):
    """Number of writes to a practice; no row means 0.

    Incremented in the write's transaction, so equal numbers mean no write.
    """

    practice = models.OneToOneField(
        Practice, models.PROTECT, primary_key=True, related_name="version"
    )
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"version {self.number}"
