"""Authenticate users and tokens of the API."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from funnel import limits
from funnel.access import Bearer, Seat, all_seats, authenticate_token, take_seat
from funnel.actions import tokens
from funnel.api.problems import Problem, too_many
from funnel.domain.weeks import local_today
from funnel.models import Practice, User

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NO_SEAT = "There is no such practice, or you have no access to it."
WRONG_TOKEN = "This token is unknown, revoked or expired, or its person has left."  # noqa: S105
READ_ONLY = "This token is read-only. Create one that may also enter numbers."
NO_CSRF = "Send the page's CSRF token as X-CSRFToken with a session, or use an API token."

# From one address in a minute. A right token is served whatever its neighbours send.
WRONG = limits.Limit("wrong-tokens", most=20, seconds=60)
# Of one person who is signed in, in a minute.
SIGNED_IN = limits.Limit("api-sessions", most=600, seconds=60)


@dataclass(frozen=True, slots=True)
class Caller:
    """`bearer` is None for a signed-in user.

    `seat` is None without a practice in the URL.
    """

    user: User
    bearer: Bearer | None
    seat: Seat | None
    now: datetime

    def seats(self) -> list[Seat]:
        """A token's one, else all by name. One query for users."""
        return [self.bearer.seat] if self.bearer else all_seats(self.user)


class Door(AuthBase):
    """Accepts a valid token, or a session with CSRF token for writes.

    Before reading the body: 404 for strangers to the practice, 403 for read-only tokens that write.
    One query for a token, three for a session, plus counting.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller | None:
        """None if unauthenticated. Raises Problem and Http404."""
        now = timezone.now()
        header = request.headers.get("Authorization", "")
        bearer = self._bearer(request, header, now) if header else None
        if bearer is None and not request.user.is_authenticated:
            return None
        writes = request.method not in SAFE
        if bearer is None:
            self._check_session(request, now, writes=writes)
        user = bearer.seat.user if bearer else request.user
        match = request.resolver_match
        slug = match.kwargs.get("slug") if match else None
        seat = _seat(user, bearer, slug) if slug else None  # type: ignore[arg-type]
        if writes and bearer is not None and not bearer.may_write:
            raise Problem("read-only", READ_ONLY)
        return Caller(user, bearer, seat, now)  # type: ignore[arg-type]

    def _bearer(self, request: HttpRequest, header: str, now: datetime) -> Bearer:
        scheme, _, text = header.partition(" ")
        bearer = authenticate_token(text.strip(), now) if scheme.lower() == "bearer" else None
        if bearer is None:
            wait = limits.count(WRONG, limits.address_of(request), now)
            if wait is not None:
                raise too_many(wait, "Too many wrong tokens. Wait a minute.")
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise Problem("no-token", WRONG_TOKEN, headers=challenge)
        usage = tokens.used(bearer.token, now)
        request.usage = usage  # type: ignore[attr-defined]
        if usage.is_over:
            raise too_many(usage.seconds)
        return bearer

    def _check_session(self, request: HttpRequest, now: datetime, *, writes: bool) -> None:
        if writes and check_csrf(request) is not None:
            raise Problem("no-csrf", NO_CSRF)
        wait = limits.count(SIGNED_IN, str(request.user.pk), now)
        if wait is not None:
            raise too_many(wait)


def _seat(user: User, bearer: Bearer | None, slug: str) -> Seat:
    if bearer is None:
        seat = take_seat(user, slug)
    else:
        seat = bearer.seat if bearer.seat.practice.slug == slug else None
    if seat is None:
        raise Http404(NO_SEAT)
    return seat


def caller_of(request: HttpRequest) -> Caller:
    caller: Any = request.auth  # type: ignore[attr-defined]
    assert isinstance(caller, Caller)  # noqa: S101 - every operation has the door
    return caller


def seat_of(request: HttpRequest) -> Seat:
    seat = caller_of(request).seat
    assert seat is not None  # noqa: S101 - the door took it
    return seat


def today_of(request: HttpRequest, practice: Practice) -> date:
    return local_today(caller_of(request).now, practice.time_zone)
