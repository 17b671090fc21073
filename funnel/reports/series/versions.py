from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class EntryChange:
    """Values are formatted; `reason` is "" if not required."""

    old: str
    new: str
    old_note: str
    new_note: str
    by: str
    at: datetime
    reason: str

    @property
    def is_note_only(self) -> bool:
        return self.old == self.new

    @property
    def is_note_rewritten(self) -> bool:
        return self.old_note != self.new_note


def corrections(
    versions: Sequence[dict[str, Any]],
    say: Callable[[Decimal | None], str],
    zone: ZoneInfo | None = None,
) -> tuple[EntryChange, ...]:
    """Latest first; `versions` are oldest first."""
    made = [
        EntryChange(
            old=say(old["value"]),
            new=say(new["value"]),
            old_note=old["note"],
            new_note=new["note"],
            by=new["by"],
            at=new["entered_at"].astimezone(zone) if zone else new["entered_at"],
            reason=new["reason"],
        )
        for old, new in pairwise(versions)
    ]
    return tuple(reversed(made))
