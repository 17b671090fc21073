"""Numbers and their words in templates: thin filters over funnel.domain.numbers.

Most numbers of a page come more than once: the texts are cached, already escaped. Equal numbers
have equal texts, whatever their type.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from django import template
from django.utils.html import conditional_escape, format_html

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.status import Change, Status

register = template.Library()

MISSING = format_html(
    '<span class="missing"><span aria-hidden="true">{}</span>'
    '<span class="visually-hidden">missing</span></span>',
    numbers.NOTHING,
)
TONES = 15
LAST_TONE = 3
CACHED = 4096

_STATUS_CLASSES = {status: f"status status--{status.value.replace(' ', '-')}" for status in Status}


@register.filter
@lru_cache(maxsize=CACHED)
def count(v: Number | None) -> str:
    """A whole number: "1,234"."""
    return MISSING if v is None else conditional_escape(numbers.count(v))


@register.filter
def counts(vs: Sequence[Number | Literal[""] | None]) -> list[str]:
    """Each as a whole number, "" as it is. For `join`, because a loop in the template costs ten
    times as much a cell: the dashboard's trend has over 500."""
    return ["" if v == "" else count(v) for v in vs]


@register.filter
@lru_cache(maxsize=CACHED)
def decimal(v: Number | None) -> str:
    """One decimal: "4.5"."""
    return MISSING if v is None else conditional_escape(numbers.decimal(v))


@register.filter
@lru_cache(maxsize=CACHED)
def rate(v: Number | None) -> str:
    """A fraction as percent: "26.0%"."""
    return MISSING if v is None else conditional_escape(numbers.rate(v))


@register.filter
@lru_cache(maxsize=CACHED)
def points(v: Number | None) -> str:
    """A change of a fraction: "+3.2 pts"."""
    return MISSING if v is None else conditional_escape(numbers.points(v))


@register.filter
def signed(v: Number | None) -> str:
    """A difference with its sign: "+8"."""
    return MISSING if v is None else numbers.signed(v)


@register.filter
def money(v: Number | None, currency: str) -> str:
    """An amount in whole units of the currency: "$9,600"."""
    return MISSING if v is None else numbers.money(v, currency)


@register.simple_tag
@lru_cache(maxsize=CACHED)
def value(v: Number | None, unit: str, currency: str) -> str:
    """What was entered for a KPI, in its unit."""
    return MISSING if v is None else conditional_escape(numbers.value(v, unit, currency))


@register.simple_tag
def against_last_week(change: Change, unit: str, currency: str) -> str:
    """A change in words: "8 fewer than last week (−8.2%)"; no percent from 0 or of a percent."""
    difference = change.difference
    if difference == 0:
        return "same as last week"
    size: Number = difference if difference > 0 else -difference
    if unit == "percent":
        amount = f"{numbers.decimal(size)} pts"
    else:
        amount = numbers.value(size, unit, currency)
    less = "fewer" if unit == "count" else "less"
    words = f"{amount} {'more' if difference > 0 else less} than last week"
    if change.fraction is None or unit == "percent":
        return words
    plus = "+" if difference > 0 else ""
    return f"{words} ({plus}{numbers.rate(change.fraction)})"


@register.filter
def status_class(status: Status) -> str:
    """The classes that colour a status."""
    return _STATUS_CLASSES[status]


@register.simple_tag
def tone(place: int, stages: int) -> str:
    """The class of a stage's colour: the last stage keeps its own when others are added between.

    Past the fifteenth the colours begin again.
    """
    if place == stages and place > 1:
        return f"tone-{LAST_TONE}"
    number = place if place < LAST_TONE else place + 1
    return f"tone-{(number - 1) % TONES + 1}"
