from base64 import urlsafe_b64encode
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from funnel.domain.weeks import local_today

R = TypeVar("R", bound="Revocable")
S = TypeVar("S", bound="Secret")

TEXT_BYTES = 24


def derive(salt: str, words: str) -> bytes:
    """32 bytes, not computable without SECRET_KEY."""
    return salted_hmac(salt, words, algorithm="sha256").digest()


def hash_of_token(token: str) -> str:
    """SHA-256 in hexadecimal: all that is stored."""
    return sha256(token.encode()).hexdigest()


class SecretState(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    REVOKED = "revoked"


class RevocableQuerySet(models.QuerySet[R]):
    def unrevoked(self) -> Self:
        """They may have expired."""
        return self.filter(revoked_at=None)


class Revocable(models.Model):
    """Revoked with time and user (`funnel_<model>_revoked_by_someone`), for good."""

    made_at = models.DateTimeField(editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="funnel_%(class)s_revoked_by_someone",
                violation_error_message="State when it was revoked, and by whom.",
            ),
        ]

    def state_on(self, today: date) -> SecretState:
        """No query."""
        return SecretState.ACTIVE if self.revoked_at is None else SecretState.REVOKED


class SecretQuerySet(RevocableQuerySet[S]):
    def find(self, text: str, now: datetime) -> S | None:
        """None for unknown, revoked, expired or inactive, alike. One query."""
        # Not first(), which sorts the one row.
        rows = self.unrevoked().filter(token_hash=hash_of_token(text)).order_by()
        secret = next(iter(rows), None)
        if secret is None:
            return None
        today = local_today(now, secret.practice.time_zone)
        return secret if secret.state_on(today) == SecretState.ACTIVE else None


class Secret(Revocable):
    """Opens a practice without signing in: an address or a token.

    Only its unique SHA-256 (`funnel_<model>_token_once`) and first letters are stored. Valid until
    the end of `expires_on` at the practice (None: no end). A model sets `kind`, part of the
    derivation key, `practice`, and may set `staff`, the user it acts as.
    """

    kind: ClassVar[str]
    prefix: ClassVar[str] = ""
    practice: Any
    staff: Any = None

    token_start = models.CharField(max_length=6, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    expires_on = models.DateField("expires", help_text="The last day it works.")
    last_used = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Revocable.Meta.constraints,
            models.UniqueConstraint(
                fields=["token_hash"],
                name="funnel_%(class)s_token_once",
                violation_error_message="This secret is already in use.",
            ),
        ]

    def state_on(self, today: date) -> SecretState:
        """No query with `staff` and its user loaded."""
        state = super().state_on(today)
        if state == SecretState.REVOKED:
            return state
        if self.expires_on is not None and today > self.expires_on:
            return SecretState.EXPIRED
        is_seated = self.staff is None or self.staff.is_seated
        return SecretState.ACTIVE if is_seated else SecretState.INACTIVE

    @classmethod
    def text_for(cls, *words: str) -> str:
        """Deterministic."""
        digest = derive(f"funnel.{cls.kind}", "\n".join(words))
        return cls.prefix + urlsafe_b64encode(digest[:TEXT_BYTES]).decode()
