from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from funnel.models import Practice
from funnel.models.secret import R, Secret, SecretState
from funnel.reports.names import called


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretLine:
    """A revocable row.

    `made_by` and `revoked_by` are names, an address without membership.
    """

    number: int
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    state: SecretState
    token_start: str = ""
    expires_on: date | None = None
    last_used: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.state == SecretState.ACTIVE

    @property
    def may_be_revoked(self) -> bool:
        """Also if it works once its user is active again."""
        return self.state in {SecretState.ACTIVE, SecretState.INACTIVE}


L = TypeVar("L", bound=SecretLine)


def list_secrets(
    rows: QuerySet[R], practice: Practice, line: Callable[..., L], *, today: date
) -> tuple[L, ...]:
    """Active first, else in the order of `rows`. One query.

    `line` is called with the row and the fields of `SecretLine`.
    """
    named = rows.annotate(maker=called(practice, "made_by"), revoker=called(practice, "revoked_by"))
    lines = [line(row, **_shared(row, today)) for row in named]
    order = list(SecretState)
    return tuple(sorted(lines, key=lambda secret: order.index(secret.state)))


def _shared(row: Any, today: date) -> dict[str, Any]:
    shared = {
        "number": row.pk,
        "made_at": row.made_at,
        "made_by": row.maker,
        "revoked_at": row.revoked_at,
        "revoked_by": row.revoker,
        "state": row.state_on(today),
    }
    names = ("token_start", "expires_on", "last_used") if isinstance(row, Secret) else ()
    return shared | {name: getattr(row, name) for name in names}
