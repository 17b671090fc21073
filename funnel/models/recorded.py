from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class Recorded(models.Model):
    """The history records who changed it, why and when; unset: nobody, no reason, now."""

    _history_user: AbstractBaseUser | None
    _change_reason: str | None
    _history_date: datetime

    class Meta:
        abstract = True
