from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """DIFFERENT: neither direction is better."""

    BETTER = "better than usual"
    WORSE = "worse than usual"
    DIFFERENT = "different from usual"
    USUAL = "as usual"
    UNKNOWN = "too few to say"

    @classmethod
    def of(cls, *, is_high: bool, higher_is_better: bool | None) -> Self:
        if higher_is_better is None:
            return cls.DIFFERENT
        return cls.BETTER if is_high == higher_is_better else cls.WORSE

    @classmethod
    def _missing_(cls, value: object) -> "Verdict | None":
        """For old snapshots."""
        return cls.USUAL if value == "within the usual range" else None
