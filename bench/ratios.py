from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """A ratio over the rounds."""

    min: float
    median: float
    max: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> "Spread":
        """Raises ValueError without ratios."""
        if not ratios:
            raise ValueError("A spread needs at least one round.")
        return cls(min(ratios), median(ratios), max(ratios))


@dataclass(frozen=True, slots=True)
class Round:
    """Median latency and CPU seconds per request; requests per second with one and eight
    connections (0.0: not measured)."""

    latency: float
    cpu: float
    rate_1: float
    rate_8: float


@dataclass(frozen=True, slots=True)
class Comparison:
    page: tuple[Round, ...]
    base: tuple[Round, ...]

    def spread(self, name: str) -> Spread | None:
        """None if not measured."""
        pairs = [
            (getattr(page, name), getattr(base, name))
            for page, base in zip(self.page, self.base, strict=True)
        ]
        if not all(below for _, below in pairs):
            return None
        return Spread.of([above / below for above, below in pairs])

    def milliseconds(self) -> tuple[float, float]:
        return (
            1000 * median(one.latency for one in self.page),
            1000 * median(one.latency for one in self.base),
        )
