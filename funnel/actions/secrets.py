from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from funnel.access import Seat
from funnel.actions.faults import may_fail
from funnel.domain.weeks import local_today
from funnel.models import Practice
from funnel.models.secret import R, S, Secret, hash_of_token

LONGEST = timedelta(days=366)
# A screen asks every minute: a write at each would say all day that nothing has changed.
USED_EVERY = timedelta(minutes=5)


def _nothing() -> None:
    pass


def make(new: S, *words: str, by: Seat, prepare: Callable[[], object] = _nothing) -> tuple[S, str]:
    """Store a secret; return it with its text, which is not stored.

    The text follows from user and `words`, so that a form sent twice creates one. Raises
    ValidationError.
    """
    if new.expires_on is not None:
        today = local_today(timezone.now(), by.practice.time_zone)
        if not today < new.expires_on <= today + LONGEST:
            raise ValidationError({"expires_on": "Choose a day after today, within a year."})
    text = new.text_for(str(by.practice.pk), str(by.user.pk), *words)
    start = new._meta.get_field("token_start")
    new.token_start = text[: start.max_length]  # type: ignore[union-attr]
    new.token_hash = hash_of_token(text)
    return store(new, by=by, prepare=prepare, token_hash=new.token_hash), text


def store(new: R, *, by: Seat, prepare: Callable[[], object] = _nothing, **same_form: object) -> R:
    """Store a new row, or return that of `same_form`.

    `prepare` runs under the lock before a new row only: limits, revoking. Raises ValidationError if
    the row was revoked.
    """
    rows: QuerySet[R] = type(new)._default_manager.all()
    # A second click waits here until the first has stored its row.
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    stored = rows.filter(**same_form).first()
    if stored is not None:
        if stored.revoked_at is not None:
            raise ValidationError(f"{stored} is revoked by now. Open this page again.")
        return stored
    prepare()
    new.made_at, new.made_by = timezone.now(), by.user
    new.full_clean()
    new.save()
    return new


def check_limit(rows: QuerySet[Any], most: int, refusal: str) -> None:
    """Raise ValidationError if so many rows are active. One query."""
    if rows.filter(revoked_at=None).count() >= most:
        raise ValidationError(refusal)


def revoke(row: R, *, by: Seat) -> R:
    """Revoke for good, without checking permission; repeating changes nothing."""
    rows: QuerySet[R] = type(row)._default_manager.all()
    locked = rows.select_for_update().get(pk=row.pk)
    if locked.revoked_at is None:
        locked.revoked_at, locked.revoked_by = timezone.now(), by.user
        locked.full_clean()
        locked.save()
    return locked


def revoke_all(rows: QuerySet[Any], *, by: Seat) -> None:
    """Revoke active rows. One statement."""
    rows.filter(revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by.user)


def is_use_due(secret: Secret, now: datetime) -> bool:
    """Whether the last use was five minutes ago or never."""
    return secret.last_used is None or secret.last_used <= now - USED_EVERY


def note_use(secret: Secret, now: datetime, **counts: Any) -> bool:
    """Store the last use every five minutes, `counts` at once.

    Outside transactions. At most one statement. Returns False if the database refused it, so that
    reading continues.
    """
    if not counts and not is_use_due(secret, now):
        return True
    rows = type(secret)._default_manager.filter(pk=secret.pk)
    if not counts:
        # Two screens of one address at once: the second finds it written.
        rows = rows.filter(Q(last_used=None) | Q(last_used__lte=now - USED_EVERY))
    with may_fail() as failed:
        rows.update(last_used=now, **counts)
    return not failed
