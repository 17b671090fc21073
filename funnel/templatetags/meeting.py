"""What the meeting's page says of a KPI and of time."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from funnel.domain import numbers
from funnel.reports.board.board import Board
from funnel.reports.board.lines import StageLine
from funnel.reports.meeting.agenda import Slide
from funnel.templatetags.lines import remarks, since_last_week, standing, step
from funnel.templatetags.numbers import MISSING

register = template.Library()


@register.simple_tag
def clock(seconds: int) -> str:
    """Minutes and seconds, as in "2:05"."""
    return f"{seconds // 60}:{seconds % 60:02}"


@register.simple_tag
def said_of(slide: Slide, board: Board) -> SafeString:
    """The target, the change, whether it is usual, how it behaves, and what went on from the stage
    before."""
    line = slide.line
    rate = ""
    if isinstance(line, StageLine) and line.has_step:
        rate = format_html('<div class="slide__step">{}</div>', step(line, board.stages[0].name))
    return format_html(
        "{}<p>{}</p>{}{}",
        standing(line, board.currency),
        since_last_week(line, board.currency),
        remarks(line, board.currency),
        rate,
    )


@register.simple_tag
def trend_said(slide: Slide, currency: str) -> str:
    """The finding of the trend: the first and the last of its numbers."""
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


@register.simple_tag
def trend_rows(slide: Slide, currency: str) -> SafeString:
    """The weeks as table rows, the newest first."""
    line = slide.line
    return format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="n">{}</td></tr>',
        [
            (
                week.label,
                MISSING if value is None else numbers.value(value, line.unit, currency),
            )
            for week, value in zip(reversed(slide.weeks), reversed(slide.values), strict=True)
        ],
    )
