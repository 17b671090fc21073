"""Giving a screen on a wall its address, taking it back, and noting that it still looks."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from funnel.access import May, Seat, hash_of_token, require, token_for
from funnel.actions.faults import may_fail
from funnel.actions.writing import writes
from funnel.domain.weeks import local_today
from funnel.models import Practice, Screen

LONGEST = timedelta(days=366)
# A wall asks every minute: noting each would write all day to say that nothing has changed.
SEEN_EVERY = timedelta(minutes=5)


@writes
def make(
    *, by: Seat, name: str, expires_on: date, shows_names: bool, once: str
) -> tuple[Screen, str]:
    """Makes a screen and returns it with its token, which is kept nowhere.

    The same words with the same `once`, as a double click or a reload sends them, make one screen
    and return it again. Raises PermissionDenied unless `by` is a manager; ValidationError (`name`,
    `expires_on`) with the reason.
    """
    require(May.SET_UP_SCREENS, by)
    now = timezone.now()
    today = local_today(now, by.practice.time_zone)
    if not today < expires_on <= today + LONGEST:
        raise ValidationError({"expires_on": "Choose a day after today, within a year."})
    name = name.strip()
    token = token_for(by, "screen", once, name, expires_on.isoformat(), str(shows_names))
    # A second click waits here until the first has made the screen.
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice.pk)
    made = Screen.objects.filter(token_hash=hash_of_token(token)).first()
    if made is not None:
        if made.revoked_at is not None:
            raise ValidationError(f"{made.name} is switched off by now. Open this page again.")
        return made, token
    screen = Screen(
        practice=by.practice,
        name=name,
        token_start=token[: Screen._meta.get_field("token_start").max_length],
        token_hash=hash_of_token(token),
        shows_names=shows_names,
        expires_on=expires_on,
        made_at=now,
        made_by=by.user,
    )
    screen.full_clean()
    screen.save()
    return screen, token


@writes
def revoke(*, by: Seat, screen: Screen) -> Screen:
    """Switches the screen off for good and returns it; once more changes nothing.

    Raises PermissionDenied unless `by` is a manager of its practice.
    """
    require(May.SET_UP_SCREENS, by, of=screen.practice_id)
    locked = Screen.objects.select_for_update().get(pk=screen.pk)
    if locked.revoked_at is None:
        locked.revoked_at = timezone.now()
        locked.revoked_by = by.user
        locked.full_clean()
        locked.save()
    return locked


def saw(screen: Screen, now: datetime) -> None:
    """Notes that the screen was looked at, every five minutes. Most times no statement, else
    one."""
    due = now - SEEN_EVERY
    if screen.last_seen is None or screen.last_seen <= due:
        # Two walls of one address at once: the second finds it noted.
        is_due = Q(last_seen=None) | Q(last_seen__lte=due)
        with may_fail():
            Screen.objects.filter(is_due, pk=screen.pk).update(last_seen=now)
