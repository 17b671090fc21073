from django.conf import settings
from django.db import models

from funnel.models.week import validate_monday


class Dated(models.Model):
    """A value until the next row."""

    from_week = models.DateField(
        validators=[validate_monday], help_text="The Monday of the first week it applies to."
    )
    set_at = models.DateTimeField(editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="None: from before values were dated.",
    )

    class Meta:
        abstract = True
