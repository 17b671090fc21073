from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Recorded(models.Model):
    """A row with a history. Saved, the history reads these off it: who changed it, why, and when.
    Unset: no one, no reason, now."""

    _history_user: AbstractBaseUser | None
    _change_reason: str | None
    _history_date: datetime

    class Meta:
        abstract = True
