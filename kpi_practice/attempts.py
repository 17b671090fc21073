"""Limits of failed sign-ins.

By login and network, as guessers use many; all networks per hour; known browsers separately, so
that nobody locks out their user. Passkeys and resets are limited elsewhere.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from funnel.limits import address_of

COOKIE = "known"
KEPT_FOR = 400 * 24 * 60 * 60
# A tablet at the front desk has many users.
MOST_LOGINS = 40
DEVICE_BYTES = 12
DIGEST = 16


@dataclass(frozen=True, slots=True)
class Device:
    name: str = field(default_factory=lambda: secrets.token_urlsafe(DEVICE_BYTES))
    logins: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> "Device":
        try:
            name, *logins = json.loads(_signer().unsign(request.COOKIES.get(COOKIE, "")))
        except (BadSignature, ValueError):
            return cls()
        return cls(name, tuple(logins))

    def knows(self, login: str) -> bool:
        return _digest(login) in self.logins

    def remember(self, login: str, response: HttpResponseBase) -> None:
        logins = [_digest(login), *(known for known in self.logins if known != _digest(login))]
        response.set_cookie(
            COOKIE,
            _signer().sign(json.dumps([self.name, *logins[:MOST_LOGINS]])),
            max_age=KEPT_FOR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


class Attempts:
    """Reverted on success."""

    def __init__(self, used: Sequence[Any] = ()) -> None:
        self.used = used

    def rollback(self) -> None:
        for usage in self.used:
            usage.rollback()


def count(request: HttpRequest, login: str) -> Attempts | None:
    """None if too many."""
    used = []
    for action, key in _limits(request, login.strip().lower()):
        usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
        if not usage:
            return None
        used.append(usage)
    return Attempts(used)


def _limits(request: HttpRequest, login: str) -> Iterator[tuple[str, str]]:
    """(name in `ACCOUNT_RATE_LIMITS`, key)."""
    device = Device.of(request)
    if device.knows(login):
        yield "login_failed_known", f"{login} {device.name}"
        return
    yield "login_failed", f"{login} {address_of(request)}"
    yield "login_guessed", login


def _digest(login: str) -> str:
    return salted_hmac(__name__, login.strip().lower(), algorithm="sha256").hexdigest()[:DIGEST]


def _signer() -> Signer:
    return Signer(salt=__name__)
