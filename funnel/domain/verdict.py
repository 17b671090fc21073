"""The five verdicts on a week's number or rate, the same words everywhere."""

from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """How a week compares with the weeks before it; the value is the word on the page.

    DIFFERENT takes the place of BETTER and WORSE where neither direction is better.
    """

    BETTER = "better than usual"
    WORSE = "worse than usual"
    DIFFERENT = "different from usual"
    USUAL = "as usual"
    UNKNOWN = "too few to say"

    @classmethod
    def of(cls, *, is_high: bool, higher_is_better: bool | None) -> Self:
        """The verdict on an unusual week; `higher_is_better` None: neither is better."""
        if higher_is_better is None:
            return cls.DIFFERENT
        return cls.BETTER if is_high == higher_is_better else cls.WORSE

    @classmethod
    def _missing_(cls, value: object) -> "Verdict | None":
        """The verdict that a snapshot from before this one was stored with."""
        return cls.USUAL if value == "within the usual range" else None
