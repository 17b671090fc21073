"""The tokens of a practice's API, as their makers and its managers see them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from funnel.access import Seat
from funnel.models import ApiToken
from funnel.reports.names import called


class State(StrEnum):
    """Whether a token works; the value is the word on the page."""

    ON = "works"
    EXPIRED = "expired"
    LEFT = "asleep"
    OFF = "revoked"


@dataclass(frozen=True, slots=True)
class Listed:
    """A token. `person` is whose it is and as whom it writes; `revoked_by` is a name in the
    practice, an address for whoever has no place there, None while it is not revoked."""

    number: int
    name: str
    token_start: str
    person: str
    is_mine: bool
    may_write: bool
    made_at: datetime
    expires_on: date
    last_used: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    state: State

    @property
    def is_on(self) -> bool:
        """Whether it works today."""
        return self.state == State.ON

    @property
    def may_be_revoked(self) -> bool:
        """Whether there is something to end: it works, or will when its person is back."""
        return self.state in {State.ON, State.LEFT}


def list_tokens(seat: Seat, *, today: date) -> tuple[Listed, ...]:
    """One's own tokens, or all of the practice's for a manager: those that work first, each kind
    by name. One query."""
    rows = ApiToken.objects.filter(practice=seat.practice).select_related("staff__user")
    if not seat.is_manager:
        rows = rows.filter(staff=seat.staff)
    named: QuerySet[Any] = rows.annotate(revoker=called(seat.practice, "revoked_by"))
    listed = [
        Listed(
            number=row.pk,
            name=row.name,
            token_start=row.token_start,
            person=row.staff.name,
            is_mine=seat.is_me(row.staff),
            may_write=row.may_write,
            made_at=row.made_at,
            expires_on=row.expires_on,
            last_used=row.last_used,
            revoked_at=row.revoked_at,
            revoked_by=row.revoker,
            state=_state(row, today),
        )
        for row in named
    ]
    order = list(State)
    return tuple(sorted(listed, key=lambda token: order.index(token.state)))


def _state(token: ApiToken, today: date) -> State:
    if token.revoked_at is not None:
        return State.OFF
    if today > token.expires_on:
        return State.EXPIRED
    works_here = token.staff.is_active and token.staff.user.is_active
    return State.ON if works_here else State.LEFT
