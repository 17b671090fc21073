from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.ratios import Comparison, Spread
from bench.scenarios import (
    MOST_FIRST_VISIT_KB,
    MOST_FIRST_VISIT_REQUESTS,
    MOST_HTML_KB,
    Import,
)
from bench.weigh import Weight

WORDS = {
    "latency": "latency, × {base}",
    "cpu": "worker CPU, × {base}",
    "rate_1": "requests/s, 1 connection",
    "rate_8": "requests/s, 8 connections",
}
AT_LEAST = {"rate_1", "rate_8"}
HEAD = f"  {'':34}{'min':>9}{'median':>9}{'max':>9}   {'target':<9}"


@dataclass(frozen=True, slots=True)
class Line:
    """Constant figures have equal values in `spread`."""

    label: str
    spread: Spread
    limit: float | None = None
    at_least: bool = False
    decimals: int = 2

    @property
    def is_over(self) -> bool:
        if self.limit is None:
            return False
        if self.at_least:
            return self.spread.median < self.limit
        return self.spread.median > self.limit

    def __str__(self) -> str:
        low, middle, high = (
            f"{value:9.{self.decimals}f}"
            for value in (self.spread.min, self.spread.median, self.spread.max)
        )
        if self.spread.min == self.spread.max:
            low = high = " " * 9
        text = f"  {self.label:<34}{low}{middle}{high}"
        if self.limit is None:
            return text.rstrip()
        target = f"{'≥' if self.at_least else '≤'} {self.limit:.{self.decimals}f}"
        return f"{text}   {target:<9}{'OVER' if self.is_over else 'within'}"


def of_comparison(
    comparison: Comparison, base: str, limits: Mapping[str, float] | None = None
) -> list[Line]:
    """Without limits, time only."""
    lines = []
    for name, label in WORDS.items():
        spread = comparison.spread(name)
        if spread is not None and (limits is not None or name not in AT_LEAST):
            limit = (limits or {}).get(name)
            text = label.format(base=base)
            lines.append(Line(text, spread, limit, at_least=name in AT_LEAST))
    return lines


def of_statements(counts: dict[str, int], limit: int) -> list[Line]:
    return [_fixed(label, number, limit, decimals=0) for label, number in counts.items()]


def of_html(weight: Weight) -> list[Line]:
    return [
        _fixed("HTML, KB compressed", weight.html / 1000, MOST_HTML_KB, decimals=1),
        _fixed("HTML, KB unpacked", weight.html_unpacked / 1000, decimals=1),
    ]


def of_import(took: Sequence[Mapping[str, float]], limits: Import) -> list[Line]:
    def line(name: str, label: str, limit: float | None = None) -> Line:
        return Line(label, Spread.of([one[name] for one in took]), limit)

    return [
        line("seconds", "seconds, read and written", limits.seconds),
        line("cpu", "  of them this process computed"),
        line("check", "seconds, the dry run alone"),
        line("again", "seconds, the same file again"),
        line("undo", "seconds, undone as a whole"),
        line("megabytes", "megabytes at most", limits.megabytes),
    ]


def of_first_visit(weight: Weight) -> list[Line]:
    parts = sorted(weight.parts.items(), key=lambda part: -part[1])
    return [
        _fixed("KB compressed", weight.total / 1000, MOST_FIRST_VISIT_KB, decimals=1),
        _fixed("requests", weight.requests, MOST_FIRST_VISIT_REQUESTS, decimals=0),
        _fixed("  the page itself, KB", weight.html / 1000, decimals=1),
        *(_fixed(f"  {_short(path)}, KB", size / 1000, decimals=1) for path, size in parts),
    ]


def _fixed(label: str, value: float, limit: float | None = None, *, decimals: int) -> Line:
    return Line(label, Spread(value, value, value), limit, decimals=decimals)


def _short(path: str) -> str:
    name = path.rsplit("/", 1)[-1].split(".")
    return ".".join(part for part in name if not (len(part) == 12 and part.isalnum()))
