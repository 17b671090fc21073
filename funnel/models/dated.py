from django.conf import settings
from django.db import models

from funnel.models.week import validate_monday


class Dated(models.Model):
    """What holds from a week on, until the next row of its kind; with who set it, and when."""

    from_week = models.DateField(
        validators=[validate_monday], help_text="The Monday of the first week it holds for."
    )
    set_at = models.DateTimeField(editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="None: taken over from before values were dated.",
    )

    class Meta:
        abstract = True
