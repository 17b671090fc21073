from django import template

from funnel.domain import numbers
from funnel.reports.meeting.agenda import Slide

register = template.Library()


@register.simple_tag
def clock(seconds: int) -> str:
    """For example "2:05"."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.simple_tag
def trend_said(slide: Slide, currency: str) -> str:
    """Compare the first and last number."""
    line = slide.line
    known = [
        (week, value)
        for week, value in zip(slide.weeks, slide.values, strict=True)
        if value is not None
    ]
    if not known:
        return f"{line.name}: no number in {len(slide.weeks)} weeks."
    (first, old), (last, new) = known[0], known[-1]
    said = f"{numbers.value(new, line.unit, currency)} in the week of {last.short_label}"
    if first == last:
        return f"{line.name}: {said}."
    then = f"{numbers.value(old, line.unit, currency)} in the week of {first.short_label}"
    return f"{line.name}: {said}, {then}."
