from dataclasses import dataclass
from datetime import date
from typing import Any

from funnel.access import Seat
from funnel.models import ApiToken
from funnel.reports.secrets import SecretLine, list_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine(SecretLine):
    """`person` is the user, "you" if `is_mine`."""

    name: str
    person: str
    is_mine: bool
    may_write: bool


def list_tokens(seat: Seat, *, today: date) -> tuple[TokenLine, ...]:
    """One's own, or all for a manager: active first, by name. One query."""
    rows = ApiToken.objects.filter(practice=seat.practice).select_related("staff__user")
    if not seat.is_manager:
        rows = rows.filter(staff=seat.staff)

    def line(row: ApiToken, **shared: Any) -> TokenLine:
        is_mine = seat.is_me(row.staff)
        person = "you" if is_mine else row.staff.name
        return TokenLine(
            name=row.name,
            person=person,
            is_mine=is_mine,
            may_write=row.may_write,
            **shared | {"made_by": person},
        )

    return list_secrets(rows, seat.practice, line, today=today)
