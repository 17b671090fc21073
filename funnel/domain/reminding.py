from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

# An hour after the second reminder at the earliest, if the job runs every hour.
MANAGERS_BEFORE = timedelta(hours=1)


class ReminderKind(StrEnum):
    FIRST = "first"
    SECOND = "second"
    MANAGERS = "managers"


class ReminderPreference(StrEnum):
    BOTH = "both"
    LAST = "last"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReminderSchedule:
    first: datetime
    second: datetime
    managers: datetime
    meeting: datetime

    @classmethod
    def of(cls, *, over: datetime, meeting: datetime, first_hours: int, second_hours: int) -> Self:
        """Elapsed hours before the meeting; nothing before the week ended."""

        def before(hours: timedelta) -> datetime:
            return max(over, meeting - hours)

        first, second = (before(timedelta(hours=hours)) for hours in (first_hours, second_hours))
        return cls(first, second, before(MANAGERS_BEFORE), meeting)

    def due(self, now: datetime) -> tuple[ReminderKind, ...]:
        """Only the later of an owner's two; none from the meeting on."""
        if not self.first <= now < self.meeting:
            return ()
        owners = ReminderKind.SECOND if now >= self.second else ReminderKind.FIRST
        return (owners, ReminderKind.MANAGERS) if now >= self.managers else (owners,)


def may_tell(kind: ReminderKind, *, told: Collection[str], wish: str, most: int) -> bool:
    """Whether a user may still get it this week."""
    if wish == ReminderPreference.NONE or kind in told or len(told) >= most:
        return False
    return wish == ReminderPreference.BOTH or kind != ReminderKind.FIRST
