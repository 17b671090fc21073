from django.db import models
from django.db.models import Q


class JobRun(models.Model):
    """The last run of a job.

    `due_at` is the next run or the end of the lease. One per job (`funnel_jobrun_once`), an outcome
    if finished (`funnel_jobrun_outcome_known`).
    """

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", "succeeded"
        FAILED = "failed", "failed"

    name = models.CharField("job", max_length=40)
    due_at = models.DateTimeField("next run")
    started_at = models.DateTimeField("last start", null=True, blank=True)
    ended_at = models.DateTimeField("last end", null=True, blank=True)
    outcome = models.CharField(
        max_length=10,
        choices=Outcome.choices,
        blank=True,
        error_messages={"invalid_choice": "A run that ended has either succeeded or failed."},
    )
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "job"
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="funnel_jobrun_once",
                violation_error_message="This job already has its row.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["succeeded", "failed"]),
                name="funnel_jobrun_outcome_known",
                violation_error_message="A run that ended has either succeeded or failed.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
