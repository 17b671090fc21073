from django.db import models

from funnel.models.practice import Practice
from funnel.models.secret import Secret, SecretQuerySet
from funnel.models.staff import Staff


class ApiToken(Secret):
    """A program's access to one practice as its user.

    `counted` are the requests in minute `window`, since 1970. Its user is of the practice
    (`funnel_apitoken_staff_of_practice`).
    """

    kind = "api"
    prefix = "kpi_"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="api_tokens")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60)
    token_start = models.CharField(max_length=10, editable=False)
    may_write = models.BooleanField("may also enter numbers", default=False)
    window = models.PositiveBigIntegerField(default=0, editable=False)
    counted = models.PositiveIntegerField(default=0, editable=False)

    objects = SecretQuerySet["ApiToken"].as_manager()

    class Meta(Secret.Meta):
        ordering = ["name", "id"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name
