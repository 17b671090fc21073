from django import template

from funnel.domain import numbers
from funnel.domain.conversion import Judgement
from funnel.reports.board.lines import KPILine
from funnel.templatetags.numbers import against_last_week

register = template.Library()


@register.simple_tag
def since_last_week(line: KPILine, currency: str) -> str:
    if line.change is not None:
        return against_last_week(line.change, line.unit, currency)
    if line.last_week is not None:
        return f"last week {numbers.value(line.last_week, line.unit, currency)}"
    return "no number last week"


@register.simple_tag
def correction(line: KPILine, currency: str) -> str:
    if line.seen_value is None:
        return "entered after the meeting"
    return f"corrected after the meeting from {numbers.value(line.seen_value, line.unit, currency)}"


@register.filter
def uncapitalized(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


@register.simple_tag
def usual_rates(judgement: Judgement) -> str:
    """For example "usually 36 to 48%"."""
    if judgement.drawn_low is None or judgement.high is None:
        return (
            "" if judgement.usual_rate is None else f"usually {numbers.rate(judgement.usual_rate)}"
        )
    low, high = (numbers.half_up(100 * end, 0) for end in (judgement.drawn_low, judgement.high))
    return f"usually {low} to {high}%"
