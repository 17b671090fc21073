"""Numbers and their words in templates: thin filters over funnel.domain.numbers."""

from collections.abc import Sequence
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.status import Change, Status
from funnel.reports.board.board import Trend
from funnel.reports.board.lines import StageLine

register = template.Library()

MISSING = format_html(
    '<span class="missing"><span aria-hidden="true">{}</span>'
    '<span class="visually-hidden">missing</span></span>',
    numbers.NOTHING,
)
TONES = 15
LAST_TONE = 3

_STATUS_CLASSES = {status: f"status status--{status.value.replace(' ', '-')}" for status in Status}


@register.filter
def count(v: Number | None) -> str:
    """A whole number: "1,234"."""
    return MISSING if v is None else numbers.count(v)


@register.filter
def decimal(v: Number | None) -> str:
    """One decimal: "4.5"."""
    return MISSING if v is None else numbers.decimal(v)


@register.filter
def rate(v: Number | None) -> str:
    """A fraction as percent: "26.0%"."""
    return MISSING if v is None else numbers.rate(v)


@register.filter
def points(v: Number | None) -> str:
    """A change of a fraction: "+3.2 pts"."""
    return MISSING if v is None else numbers.points(v)


@register.filter
def signed(v: Number | None) -> str:
    """A difference with its sign: "+8"."""
    return MISSING if v is None else numbers.signed(v)


@register.filter
def money(v: Number | None, currency: str) -> str:
    """An amount in whole units of the currency: "$9,600"."""
    return MISSING if v is None else numbers.money(v, currency)


@register.simple_tag
def value(v: Number | None, unit: str, currency: str) -> str:
    """What was entered for a KPI, in its unit."""
    return MISSING if v is None else numbers.value(v, unit, currency)


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


@register.simple_tag
def funnel_table(stages: Sequence[StageLine]) -> SafeString:
    """The stages as table rows: number, target, last week, average, rate of previous, of first,
    usual rate; the first stage has no rates. One tag for the cost's sake, as `trend_table`."""
    return format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        ((stage.name, _numbers(*_counts(stage), *_rates(stage))) for stage in stages),
    )


@register.simple_tag
def trend_table(trend: Trend) -> SafeString:
    """The trend's weeks as table rows, newest first: of each stage the number and its target.

    One tag for all rows: cell by cell in the template a year of 15 stages would cost more than
    the rest of the page.
    """
    texts = _Texts()
    columns = [column for series in trend.series for column in (series.values, series.targets)]
    rows = []
    for at in range(len(trend.weeks) - 1, -1, -1):
        label = trend.weeks[at].label + (" (in progress)" if at == trend.running else "")
        cells = "</td><td>".join([texts[column[at]] for column in columns])
        rows.append(f'<tr><th scope="row">{label}</th><td>{cells}</td></tr>')
    # Safe: weeks and formatters write letters, digits and signs only. Escaping each of some
    # hundred cells would double the cost.
    return mark_safe("".join(rows))  # noqa: S308


class _Texts(dict[Decimal | None, str]):
    """Counts already written: most numbers of a year come more than once."""

    def __missing__(self, v: Decimal | None) -> str:
        text = self[v] = count(v)
        return text


def _counts(stage: StageLine) -> tuple[str, ...]:
    return count(stage.value), count(stage.target), count(stage.last_week), decimal(stage.average)


def _rates(stage: StageLine) -> tuple[str, ...]:
    if stage.previous_name is None:
        return "", "", ""
    usual = stage.judgement.usual_rate if stage.judgement else None
    return rate(stage.of_previous), rate(stage.of_first), rate(usual)


def _numbers(*texts: str) -> SafeString:
    # Safe: the formatters write digits and signs only. Escaping each cell would double the cost.
    return mark_safe("".join(f'<td class="n">{text}</td>' for text in texts))  # noqa: S308
