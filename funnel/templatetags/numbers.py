"""Filters over funnel.domain.numbers; the escaped texts are cached."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from django import template
from django.utils.html import conditional_escape, format_html

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.status import Difference, Status

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
    return MISSING if v is None else conditional_escape(numbers.count(v))


# For `join`, because a template loop costs ten times as much per cell: the trend has over 500.
@register.filter
def counts(vs: Sequence[Number | Literal[""] | None]) -> list[str]:
    return ["" if v == "" else count(v) for v in vs]


@register.filter
@lru_cache(maxsize=CACHED)
def decimal(v: Number | None) -> str:
    return MISSING if v is None else conditional_escape(numbers.decimal(v))


@register.filter
@lru_cache(maxsize=CACHED)
def rate(v: Number | None) -> str:
    """Format a fraction as percent."""
    return MISSING if v is None else conditional_escape(numbers.rate(v))


@register.filter
@lru_cache(maxsize=CACHED)
def points(v: Number | None) -> str:
    """Format a change of a fraction: "+3.2 pts"."""
    return MISSING if v is None else conditional_escape(numbers.points(v))


@register.filter
def signed(v: Number | None) -> str:
    return MISSING if v is None else numbers.signed(v)


@register.filter
def money(v: Number | None, currency: str) -> str:
    return MISSING if v is None else numbers.money(v, currency)


@register.simple_tag
@lru_cache(maxsize=CACHED)
def value(v: Number | None, unit: str, currency: str) -> str:
    return MISSING if v is None else conditional_escape(numbers.value(v, unit, currency))


@register.simple_tag
def against_last_week(change: Difference, unit: str, currency: str) -> str:
    """For example "8 fewer than last week (−8.2%)"."""
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
    return _STATUS_CLASSES[status]


@register.simple_tag
def tone(place: int, stages: int) -> str:
    """The last stage's color is fixed; colors repeat after fifteen."""
    if place == stages and place > 1:
        return f"tone-{LAST_TONE}"
    number = place if place < LAST_TONE else place + 1
    return f"tone-{(number - 1) % TONES + 1}"
