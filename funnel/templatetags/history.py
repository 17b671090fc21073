import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from funnel.domain.variation import Limits
from funnel.domain.weeks import MONTHS
from funnel.reports.history.findings import verdict_words
from funnel.reports.history.history import History
from funnel.templatetags.numbers import MISSING

register = template.Library()

# Words explained on the page, by the URL fragment of the explanation (with - as _).
WORDS = {
    "word_usual": "(?:better than|worse than|different from|as) usual|usually|usual range",
    "word_short": "short week",
    "word_baseline": "baseline",
    "word_mean": "mean",
}
EXPLAINED = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{pattern})\b)" for name, pattern in WORDS.items()),
    re.IGNORECASE,
)
NO_LIMITS = ("–", "–")


class Piece(NamedTuple):
    """`word` is the explanation's URL fragment, or ""."""

    text: str
    word: str


class TableRow(NamedTuple):
    label: str
    value: str
    target: str
    moved: str
    mean: str
    usual: str
    verdict: str

    # For `join`, because a variable per cell costs twice as much: ten years have over 3,000 cells.
    @property
    def cells(self) -> list[SafeString]:
        return [_escaped(text) for text in self[1:]]


# Cached, because the same few words and numbers repeat.
_escaped = lru_cache(maxsize=4096)(conditional_escape)


@register.filter
def moment(at: datetime) -> str:
    """For example "Nov 17, 2026, 9:05 AM"."""
    half = "AM" if at.hour < 12 else "PM"
    hour = at.hour % 12 or 12
    return f"{MONTHS[at.month - 1]} {at.day}, {at.year}, {hour}:{at.minute:02} {half}"


@register.filter
def pieces(sentence: str) -> list[Piece]:
    """Split a sentence at the explained words."""
    found, end = [], 0
    for match in EXPLAINED.finditer(sentence):
        if match.start() > end:
            found.append(Piece(sentence[end : match.start()], ""))
        found.append(Piece(match[0], (match.lastgroup or "").replace("_", "-")))
        end = match.end()
    return [*found, Piece(sentence[end:], "")] if end < len(sentence) else found


@register.filter
def table_rows(report: History) -> Iterator[TableRow]:
    """Newest first, worded as in static/js/xmr.js."""
    words = report.words
    written: dict[Limits | None, tuple[str, str]] = {None: NO_LIMITS}
    for point in reversed(report.points):
        limits = point.limits
        if limits not in written:
            assert limits is not None  # noqa: S101 - None is written already
            written[limits] = words.limit(limits.mean), words.between(limits)
        yield TableRow(
            point.week.label + (" (in progress)" if point.is_running else ""),
            MISSING if point.value is None else words.value(point.value),
            words.value(point.target),
            words.limit(point.moved),
            *written[limits],
            verdict_words(point),
        )
