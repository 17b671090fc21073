from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from django.core.exceptions import ValidationError
from django.db.models import Case, F, Value, When
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes
from funnel.domain.weeks import local_today
from funnel.models import ApiToken

MOST_TOKENS = 20
TOO_MANY = f"You have {MOST_TOKENS} tokens. Revoke one you no longer use."

# Requests of one token in a minute; written to its row in steps, because no reader is to wait for a
# writer (docs/adr/0018).
MOST = 600
MINUTE = 60
STEP = 20


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests of the running minute: `left` of `most`, `seconds` until the next."""

    most: int
    left: int
    seconds: int
    is_over: bool


@dataclass(slots=True)
class _Pending:
    """Requests of a minute, not yet stored."""

    window: int
    count: int


_pending: dict[str, _Pending] = {}
_lock = Lock()


@writes
def make(
    *, by: Seat, name: str, expires_on: date, may_write: bool, once: str
) -> tuple[ApiToken, str]:
    """Create one's own token; return it with its text, as `secrets.make`.

    Raises PermissionDenied for a superuser without membership; ValidationError.
    """
    require(May.MAKE_TOKEN, by)
    if may_write and not by.may_enter_own:
        raise ValidationError(
            {"may_write": "You can see this practice's numbers but not enter any."}
        )
    name = name.strip()
    token = ApiToken(
        practice=by.practice,
        staff=by.staff,
        name=name,
        may_write=may_write,
        expires_on=expires_on,
    )
    today = local_today(timezone.now(), by.practice.time_zone)
    mine = ApiToken.objects.filter(staff=by.staff, expires_on__gte=today)
    words = once, name, expires_on.isoformat(), str(may_write)
    return secrets.make(
        token, *words, by=by, prepare=lambda: secrets.check_limit(mine, MOST_TOKENS, TOO_MANY)
    )


@writes
def revoke(*, by: Seat, token: ApiToken) -> ApiToken:
    """Revoke a token. Raises PermissionDenied unless one's own or by a manager."""
    require(May.REVOKE_TOKEN, by, of=token.practice_id, allowed=by.may_revoke(token))
    return secrets.revoke(token, by=by)


def used(token: ApiToken, now: datetime) -> Usage:
    """Count a request unless it exceeds the limit.

    Mostly no statement: one per `STEP` requests of a process, which may allow `STEP` - 1 more per
    further process.
    """
    window, spent = divmod(int(now.timestamp()), MINUTE)
    written = token.counted if token.window == window else 0
    is_due = secrets.is_use_due(token, now)
    with _lock:
        pending = _pending.setdefault(token.token_hash, _Pending(window, 0))
        if pending.window != window:
            pending.window, pending.count = window, 0
        left = MOST - written - pending.count
        if left <= 0:
            return Usage(MOST, 0, MINUTE - spent, is_over=True)
        pending.count += 1
        more = pending.count
        is_written = more >= STEP or is_due
        if is_written:
            del _pending[token.token_hash]
        elif len(_pending) > MOST:
            _forget(window)
    if is_written:
        _write(token, window, more, now)
    return Usage(MOST, left - 1, MINUTE - spent, is_over=False)


def _write(token: ApiToken, window: int, more: int, now: datetime) -> None:
    """Add to other processes' count. If refused it stays pending, so that the limit applies."""
    counted = Case(When(window=window, then=F("counted") + more), default=Value(more))
    if not secrets.note_use(token, now, counted=counted, window=window):
        with _lock:
            _pending.setdefault(token.token_hash, _Pending(window, 0)).count += more


def _forget(window: int) -> None:
    """Needs the lock."""
    for key in [key for key, pending in _pending.items() if pending.window != window]:
        del _pending[key]
