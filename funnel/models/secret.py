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
    """32 bytes that follow from the words and cannot be computed without the site's key."""
    return salted_hmac(salt, words, algorithm="sha256").digest()


def hash_of_token(token: str) -> str:
    """SHA-256 of a secret, in hexadecimal: what is stored of it."""
    return sha256(token.encode()).hexdigest()


class SecretState(StrEnum):
    """Whether a secret works; the value is the word on the page."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    REVOKED = "revoked"


class RevocableQuerySet(models.QuerySet[R]):
    """Rows that a user may revoke."""

    def unrevoked(self) -> Self:
        """Rows that nobody has revoked; they may have expired."""
        return self.filter(revoked_at=None)


class Revocable(models.Model):
    """A row that one user creates and another may revoke, for good.

    Guaranteed: a revoked one has a time and a user (`funnel_<model>_revoked_by_someone`).
    """

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
        """Whether it works on that day. No query."""
        return SecretState.ACTIVE if self.revoked_at is None else SecretState.REVOKED


class SecretQuerySet(RevocableQuerySet[S]):
    """Secrets of one model."""

    def find(self, text: str, now: datetime) -> S | None:
        """The active secret of that text. None for an unknown, revoked, expired or inactive one,
        which a stranger cannot tell apart. One query."""
        # Not first(), which sorts the one row.
        rows = self.unrevoked().filter(token_hash=hash_of_token(text)).order_by()
        secret = next(iter(rows), None)
        if secret is None:
            return None
        today = local_today(now, secret.practice.time_zone)
        return secret if secret.state_on(today) == SecretState.ACTIVE else None


class Secret(Revocable):
    """A text that opens something of one practice without a sign-in: an address or a token.

    Only its SHA-256 is stored, with its first letters so that users can recognise it. It works to
    the end of `expires_on` at the practice. A model states its `kind` (part of the key that its
    texts are derived with: with another one a repeated form makes another secret), has `practice`,
    and may have `staff`, the person it acts as. One that never expires has `expires_on = None`.

    Guaranteed: a text belongs to one row (`funnel_<model>_token_once`).
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
        """Whether it works on that day. No query where `staff` was loaded with its user."""
        state = super().state_on(today)
        if state == SecretState.REVOKED:
            return state
        if self.expires_on is not None and today > self.expires_on:
            return SecretState.EXPIRED
        is_seated = self.staff is None or self.staff.is_seated
        return SecretState.ACTIVE if is_seated else SecretState.INACTIVE

    @classmethod
    def text_for(cls, *words: str) -> str:
        """The text that follows from the words: the same for the same words."""
        digest = derive(f"funnel.{cls.kind}", "\n".join(words))
        return cls.prefix + urlsafe_b64encode(digest[:TEXT_BYTES]).decode()
