"""What a try to send a message resulted in."""

from dataclasses import dataclass
from enum import Enum
from typing import Self


class Result(Enum):
    """Delivered; refused, and to be tried again; not reached at all; or no longer to be sent."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNREACHED = "unreached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, and a sentence for people."""

    result: Result
    sentence: str = ""

    @classmethod
    def delivered(cls, sentence: str) -> Self:
        """The receiver has it."""
        return cls(Result.DELIVERED, sentence)

    @classmethod
    def refused(cls, sentence: str) -> Self:
        """The receiver does not want this message: a failure of the message."""
        return cls(Result.REFUSED, sentence)

    @classmethod
    def unreached(cls, sentence: str) -> Self:
        """There is no mail server for any message: no failure of the message."""
        return cls(Result.UNREACHED, sentence)

    @classmethod
    def cancelled(cls, sentence: str) -> Self:
        """Its reason is gone: nothing was sent."""
        return cls(Result.CANCELLED, sentence)
