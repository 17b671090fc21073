from dataclasses import dataclass
from enum import Enum
from typing import Self


class Result(Enum):
    """REFUSED and LOST count towards the limit of attempts, UNREACHED does not."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    LOST = "lost"
    UNREACHED = "unreached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`sentence` is for people."""

    result: Result
    sentence: str = ""

    @classmethod
    def delivered(cls, sentence: str) -> Self:
        return cls(Result.DELIVERED, sentence)

    @classmethod
    def refused(cls, sentence: str) -> Self:
        return cls(Result.REFUSED, sentence)

    @classmethod
    def lost(cls, sentence: str) -> Self:
        """It may have arrived."""
        return cls(Result.LOST, sentence)

    @classmethod
    def unreached(cls, sentence: str) -> Self:
        """No message can be sent."""
        return cls(Result.UNREACHED, sentence)

    @classmethod
    def cancelled(cls, sentence: str) -> Self:
        return cls(Result.CANCELLED, sentence)
