from django.db import models

from funnel.models.practice import Practice
from funnel.models.secret import Secret, SecretQuerySet


class Screen(Secret):
    """Shows a practice's board at its own address, without signing in."""

    kind = "screen"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="screens")
    name = models.CharField(max_length=60)
    shows_names = models.BooleanField("shows the names of staff", default=False)

    objects = SecretQuerySet["Screen"].as_manager()

    class Meta(Secret.Meta):
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
