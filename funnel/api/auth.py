"""Who asks, and from which seat: a token's person or whoever is signed in."""

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
NO_SEAT = "There is no such practice, or it is not yours."
WRONG_TOKEN = "This token is unknown, revoked or expired, or its person has left."  # noqa: S105
READ_ONLY = "This token only reads. Make one that may also enter numbers."
NO_CSRF = "Send the page's own token as X-CSRFToken with a session, or use a token of the API."

# From one address in a minute. A right token is served whatever its neighbours send.
WRONG = limits.Limit("wrong-tokens", most=20, seconds=60)
# Of one person who is signed in, in a minute.
SIGNED_IN = limits.Limit("api-sessions", most=600, seconds=60)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and when; `bearer` is None for someone who is signed in.

    `seat` is theirs in the practice of the address, None where the address has none.
    """

    user: User
    bearer: Bearer | None
    seat: Seat | None
    now: datetime

    def seats(self) -> list[Seat]:
        """Those that the caller may use: a token's one, else all of the person's by practice name.
        One query for someone who is signed in."""
        return [self.bearer.seat] if self.bearer else all_seats(self.user)


class Door(AuthBase):
    """Lets in whoever brings a token that works, or is signed in and sends the page's own token
    with what changes something.

    Before the body is looked at: a stranger to the practice of the address gets 404, and a token
    that only reads 403 for what writes. One query for a token; two of the session's and one for the
    seat otherwise, and those of counting.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Caller | None:
        """The caller; None for nobody. Raises Problem and Http404."""
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
    """Who asks, once the door has let them in."""
    caller: Any = request.auth  # type: ignore[attr-defined]
    assert isinstance(caller, Caller)  # noqa: S101 - every operation has the door
    return caller


def seat_of(request: HttpRequest) -> Seat:
    """The caller's seat in the practice of the address."""
    seat = caller_of(request).seat
    assert seat is not None  # noqa: S101 - the door took it
    return seat


def today_of(request: HttpRequest, practice: Practice) -> date:
    """Today where the practice is, as of when the request came."""
    return local_today(caller_of(request).now, practice.time_zone)
