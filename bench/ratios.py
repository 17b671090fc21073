"""The arithmetic: what a page costs as a multiple of what it is measured against."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, median and largest of one ratio over the rounds."""

    min: float
    median: float
    max: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> "Spread":
        """Raises ValueError for no ratios at all."""
        if not ratios:
            raise ValueError("A spread needs at least one round.")
        return cls(min(ratios), median(ratios), max(ratios))


@dataclass(frozen=True, slots=True)
class Round:
    """What one side took in one round: seconds of the median request, the worker's CPU seconds
    for one request, and requests a second with one and with eight connections (0.0 where that
    was not measured)."""

    latency: float
    cpu: float
    rate_1: float
    rate_8: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A page beside what it is measured against, round by round."""

    page: tuple[Round, ...]
    base: tuple[Round, ...]

    def spread(self, name: str) -> Spread | None:
        """The ratio of one field of the rounds; None where it was not measured."""
        pairs = [
            (getattr(page, name), getattr(base, name))
            for page, base in zip(self.page, self.base, strict=True)
        ]
        if not all(below for _, below in pairs):
            return None
        return Spread.of([above / below for above, below in pairs])

    def milliseconds(self) -> tuple[float, float]:
        """The median latency over the rounds: of the page, of its base."""
        return (
            1000 * median(one.latency for one in self.page),
            1000 * median(one.latency for one in self.base),
        )
