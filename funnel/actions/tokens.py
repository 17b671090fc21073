"""Making the tokens of the API, taking them back, and counting how often each is used."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from django.core.exceptions import ValidationError
from django.db.models import Case, F, Value, When
from django.utils import timezone

from funnel.access import May, Seat, hash_of_token, require, token_for
from funnel.actions.faults import may_fail
from funnel.actions.writing import writes
from funnel.domain.weeks import local_today
from funnel.models import ApiToken, Practice, Staff

PREFIX = "kpi_"
LONGEST = timedelta(days=366)
MOST_TOKENS = 20

# Requests of one token in a minute; told to its row in steps, for no reader is to wait for a
# writer (docs/adr/0018).
MOST = 600
MINUTE = 60
STEP = 20
USED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Usage:
    """How a token stands in the running minute: `left` requests of `most`, and the `seconds` until
    it begins anew. `is_over` where this very request is one too many."""

    most: int
    left: int
    seconds: int
    is_over: bool


@dataclass(slots=True)
class _Untold:
    """What this process has let through in a minute and not yet told the row."""

    window: int
    count: int


_untold: dict[str, _Untold] = {}
_lock = Lock()


@writes
def make(
    *, by: Seat, name: str, expires_on: date, may_write: bool, once: str
) -> tuple[ApiToken, str]:
    """Makes a token for oneself and returns it with its text, which is kept nowhere.

    The same words with the same `once`, as a double click or a reload sends them, make one token
    and return it again. Raises PermissionDenied for a superuser without a place; ValidationError
    (`expires_on`, `may_write` or none) with the reason.
    """
    require(May.MAKE_TOKEN, by)
    now = timezone.now()
    today = local_today(now, by.practice.time_zone)
    if not today < expires_on <= today + LONGEST:
        raise ValidationError({"expires_on": "Choose a day after today, within a year."})
    if may_write and not by.may_enter_own:
        raise ValidationError(
            {"may_write": "You can see this practice's numbers but not enter any."}
        )
    name = name.strip()
    text = PREFIX + token_for(by, "api", once, name, expires_on.isoformat(), str(may_write))
    # A second click waits here until the first has made the token.
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    made = ApiToken.objects.filter(token_hash=hash_of_token(text)).first()
    if made is not None:
        if made.revoked_at is not None:
            raise ValidationError(f"{made.name} is revoked by now. Open this page again.")
        return made, text
    mine = ApiToken.objects.unrevoked().filter(staff=by.staff, expires_on__gte=today)
    if mine.count() >= MOST_TOKENS:
        raise ValidationError(f"You have {MOST_TOKENS} tokens. Revoke one you no longer use.")
    token = ApiToken(
        practice=by.practice,
        staff=by.staff,
        name=name,
        token_start=text[: ApiToken._meta.get_field("token_start").max_length],
        token_hash=hash_of_token(text),
        may_write=may_write,
        expires_on=expires_on,
        made_at=now,
        made_by=by.user,
    )
    token.full_clean()
    token.save()
    return token, text


@writes
def revoke(*, by: Seat, token: ApiToken) -> ApiToken:
    """Ends the token for good and returns it; once more changes nothing.

    Raises PermissionDenied unless it is one's own or `by` is a manager of its practice.
    """
    require(May.REVOKE_TOKEN, by, of=token.practice_id, allowed=by.may_revoke(token))
    locked = ApiToken.objects.select_for_update().get(pk=token.pk)
    if locked.revoked_at is None:
        locked.revoked_at = timezone.now()
        locked.revoked_by = by.user
        locked.full_clean()
        locked.save()
    return locked


@writes
def revoke_all(*, by: Seat, staff: Staff) -> None:
    """Ends every token of someone who leaves, in their leaving's own transaction. One statement."""
    theirs = ApiToken.objects.unrevoked().filter(staff=staff)
    theirs.update(revoked_at=timezone.now(), revoked_by=by.user)


def used(token: ApiToken, now: datetime) -> Usage:
    """Counts one more request of the token, just read, unless it is one too many.

    Most times no statement; one at every `STEP`th request of a process, and one every five minutes
    for `last_used`. So a token may get through `STEP` - 1 more for every further process.
    """
    window, spent = divmod(int(now.timestamp()), MINUTE)
    told = token.counted if token.window == window else 0
    is_due = token.last_used is None or token.last_used <= now - USED_EVERY
    with _lock:
        untold = _untold.setdefault(token.token_hash, _Untold(window, 0))
        if untold.window != window:
            untold.window, untold.count = window, 0
        left = MOST - told - untold.count
        if left <= 0:
            return Usage(MOST, 0, MINUTE - spent, is_over=True)
        untold.count += 1
        more = untold.count
        tells = more >= STEP or is_due
        if tells:
            del _untold[token.token_hash]
        elif len(_untold) > MOST:
            _forget(window)
    if tells:
        with may_fail():
            _tell(token, window, more, now)
    return Usage(MOST, left - 1, MINUTE - spent, is_over=False)


def _tell(token: ApiToken, window: int, more: int, now: datetime) -> None:
    """Adds up what two processes tell of the same minute."""
    counted = Case(When(window=window, then=F("counted") + more), default=Value(more))
    rows = ApiToken.objects.filter(pk=token.pk)
    rows.update(counted=counted, window=window, last_used=now)


def _forget(window: int) -> None:
    """Drops what was not told of minutes that are over; the lock is held."""
    for key in [key for key, untold in _untold.items() if untold.window != window]:
        del _untold[key]
