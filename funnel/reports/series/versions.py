"""The versions of an entry one after the other, as corrections in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Correction:
    """One change of a number that was already in; values as they are read, `reason` "" where none
    was due."""

    old: str
    new: str
    old_note: str
    new_note: str
    by: str
    at: datetime
    reason: str

    @property
    def is_note_only(self) -> bool:
        """The number stayed, the note changed."""
        return self.old == self.new

    @property
    def is_note_rewritten(self) -> bool:
        """The note changed."""
        return self.old_note != self.new_note


def corrections(
    versions: Sequence[dict[str, Any]],
    say: Callable[[Decimal | None], str],
    zone: ZoneInfo | None = None,
) -> tuple[Correction, ...]:
    """The changes between the versions of one entry, the latest first.

    `versions` are rows (value, note, reason, by, entered_at), the oldest first; times in `zone`,
    None: as stored. No query.
    """
    made = [
        Correction(
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
