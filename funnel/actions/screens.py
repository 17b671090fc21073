from datetime import date

from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes
from funnel.models import Screen


@writes
def make(
    *, by: Seat, name: str, expires_on: date, shows_names: bool, once: str
) -> tuple[Screen, str]:
    """Create a screen; return it with its address, as `secrets.make`.

    Raises PermissionDenied unless manager; ValidationError.
    """
    require(May.SET_UP_SCREENS, by)
    name = name.strip()
    screen = Screen(practice=by.practice, name=name, shows_names=shows_names, expires_on=expires_on)
    return secrets.make(screen, once, name, expires_on.isoformat(), str(shows_names), by=by)


@writes
def revoke(*, by: Seat, screen: Screen) -> Screen:
    """Revoke it. Raises PermissionDenied unless manager."""
    require(May.SET_UP_SCREENS, by, of=screen.practice_id)
    return secrets.revoke(screen, by=by)
