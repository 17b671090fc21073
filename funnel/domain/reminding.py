"""When the reminders of a week's missing numbers go out, and whom they may still reach."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

# An hour after the second reminder at the earliest, as long as runs come every hour.
MANAGERS_BEFORE = timedelta(hours=1)


class Kind(StrEnum):
    """A reminder: the two an owner gets, and the list the managers get."""

    FIRST = "first"
    SECOND = "second"
    MANAGERS = "managers"


class Wish(StrEnum):
    """How many of them a person wants."""

    BOTH = "both"
    LAST = "last"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Plan:
    """The moments of one week's reminders, in this order; all end when the meeting begins."""

    first: datetime
    second: datetime
    managers: datetime
    meeting: datetime

    @classmethod
    def of(cls, *, over: datetime, meeting: datetime, first_hours: int, second_hours: int) -> Self:
        """So many hours before the meeting, as a clock that is never put forward or back counts
        them; none before the week is `over`, when its numbers are not known yet."""

        def before(hours: timedelta) -> datetime:
            return max(over, meeting - hours)

        first, second = (before(timedelta(hours=hours)) for hours in (first_hours, second_hours))
        return cls(first, second, before(MANAGERS_BEFORE), meeting)

    def due(self, now: datetime) -> tuple[Kind, ...]:
        """What is to have gone out by now: of the owners' two the later alone, however late a run
        comes; nothing once the meeting has begun."""
        if not self.first <= now < self.meeting:
            return ()
        owners = Kind.SECOND if now >= self.second else Kind.FIRST
        return (owners, Kind.MANAGERS) if now >= self.managers else (owners,)


def may_tell(kind: Kind, *, told: Collection[str], wish: str, most: int) -> bool:
    """Whether one more reminder may go to a person who has been `told` those kinds this week.

    Each kind goes once, `most` of all kinds together. Who wishes the last alone gets every kind but
    the first.
    """
    if wish == Wish.NONE or kind in told or len(told) >= most:
        return False
    return wish == Wish.BOTH or kind != Kind.FIRST
