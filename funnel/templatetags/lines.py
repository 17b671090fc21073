"""What a page says of every KPI, one tag a list: node by node in the template these would be most
of the dashboard's cost."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from funnel.domain import numbers
from funnel.reports.board.gap import Gap, GapLine
from funnel.reports.board.lines import Line, StageLine
from funnel.templatetags.numbers import (
    against_last_week,
    count,
    decimal,
    money,
    status_class,
    tone,
    value,
)

register = template.Library()

NO_OWNER = mark_safe(
    '<span class="status status--unowned"><span aria-hidden="true">▲</span> no owner</span>'
)

NOTHING = mark_safe("")
CALCULATED = mark_safe('<p class="quiet">calculated</p>')

GAINED = mark_safe(' <span class="tag">gained</span>')
BIGGEST = mark_safe(' <span class="tag">biggest leak</span>')


def standing(line: Line, currency: str) -> SafeString:
    """The number against its target: "▼ target 100, missed", as shape, word and colour."""
    target = ""
    if line.target is not None:
        target = f"target {numbers.value(line.target, line.unit, currency)}, "
    return format_html(
        '<p class="{}"><span aria-hidden="true">{}</span> {}{}</p>',
        status_class(line.status),
        line.status.shape,
        target,
        line.status.word,
    )


def since_last_week(line: Line, currency: str) -> str:
    """The change, or what last week's number was, or that there was none."""
    if line.change is not None:
        return against_last_week(line.change, line.unit, currency)
    if line.last_week is not None:
        return f"last week {numbers.value(line.last_week, line.unit, currency)}"
    return "no number last week"


def remarks(line: Line, currency: str) -> SafeString:
    """What else is to say of the number: that it is calculated, how it behaves, and what the team
    saw before it was corrected."""
    if not (line.signals or line.is_corrected or line.is_calculated):
        return NOTHING
    said = []
    if line.is_calculated:
        said.append(CALCULATED)
    if line.is_corrected:
        said.append(
            format_html(
                '<p class="remark"><span aria-hidden="true">✎</span> {}</p>',
                correction(line, currency),
            )
        )
    if line.signals:
        words = ", ".join(line.signals)
        said.append(
            format_html('<p class="signal"><span aria-hidden="true">◆</span> {}</p>', words)
        )
    return mark_safe("".join(said))  # noqa: S308


def correction(line: Line, currency: str) -> str:
    """As in "corrected after the meeting from 30", or that it came in after it."""
    if line.seen_value is None:
        return "entered after the meeting"
    return f"corrected after the meeting from {numbers.value(line.seen_value, line.unit, currency)}"


def answered_by(line: Line | GapLine) -> SafeString:
    """The owner and the role, or loudly that there is no owner; of an owner who goes by the role's
    name, as on a wall without names, the role alone."""
    if line.owner == line.role:
        return format_html("{}", line.role)
    return format_html("{}, {}", line.owner or NO_OWNER, line.role)


def step(stage: StageLine, first_name: str) -> SafeString:
    """What went on from the stage before: the rate, its change, and whether it is usual."""
    lines: list[SafeString] = []
    if stage.of_previous is not None and stage.previous_name is not None:
        of_first = ""
        if stage.place > 2 and stage.of_first is not None:
            of_first = f", {numbers.rate(stage.of_first)} of {first_name.lower()}"
        lines.append(
            format_html(
                '<p><span class="stage__rate">{}</span> of {}{}</p>',
                numbers.rate(stage.of_previous),
                stage.previous_name.lower(),
                of_first,
            )
        )
    if stage.rate_change is not None:
        points = numbers.points(stage.rate_change.difference)
        lines.append(format_html("<p>{} against last week</p>", points))
    lines.append(_verdict(stage))
    if stage.is_above_all and stage.previous_name is not None:
        lines.append(
            format_html(
                '<p class="quiet small">Above 100%: some of these came in as {} in an earlier '
                "week.</p>",
                stage.previous_name.lower(),
            )
        )
    return mark_safe("".join(lines))  # noqa: S308


@register.simple_tag
def stages(lines: Sequence[StageLine], currency: str) -> SafeString:
    """The stages of the funnel as list items: the number large, and all that is said of it."""
    items = (
        (
            tone(line.place, len(lines)),
            line.slug,
            line.name,
            count(line.value),
            standing(line, currency),
            since_last_week(line, currency),
            remarks(line, currency),
            answered_by(line),
            format_html('<div class="stage__step">{}</div>', step(line, lines[0].name))
            if line.has_step
            else "",
        )
        for line in lines
    )
    return format_html_join(
        "",
        '<li class="stage {}" id="stage-{}"><div class="stage__head">'
        '<h2 class="stage__name">{}</h2><p class="stage__number">{}</p></div>'
        '{}<p>{}</p>{}<p class="quiet">{}</p>{}</li>',
        items,
    )


@register.simple_tag
def beside(others: Sequence[Line], currency: str) -> SafeString:
    """The numbers outside the funnel as list items, each with all that is said of it."""
    items = (
        (
            line.name,
            value(line.value, line.unit, currency),
            standing(line, currency),
            since_last_week(line, currency),
            remarks(line, currency),
            answered_by(line),
        )
        for line in others
    )
    return format_html_join(
        "",
        '<li class="stage stage--beside"><div class="stage__head"><h3 class="stage__name">{}</h3>'
        '<p class="stage__number">{}</p></div>{}<p>{}</p>{}<p class="quiet">{}</p></li>',
        items,
    )


@register.simple_tag
def definitions(lines: Sequence[Line]) -> SafeString:
    """What each KPI counts and which role answers for it, as terms and their meaning."""
    return format_html_join(
        "",
        "<dt>{}</dt><dd>{} {} answers for it.</dd>",
        ((line.name, line.definition, line.role) for line in lines),
    )


@register.simple_tag
def gap_rows(gap: Gap, drawn: dict[str, float] | None, currency: str) -> SafeString:
    """Each stage's part of the gap as a table row: name, owner, patients, money, and a bar from
    zero on the scale of `drawn` (None: no bars)."""
    rows = (
        (
            tone(line.place, len(gap.lines)),
            " is-biggest" if line.is_biggest else "",
            line.name,
            GAINED if line.is_gain else BIGGEST if line.is_biggest else "",
            answered_by(line),
            _bar(line, drawn),
            decimal(line.patients),
            money(line.money, currency),
        )
        for line in gap.lines
    )
    return format_html_join(
        "",
        '<tr class="{}{}"><th scope="row">{}{}<span class="gap__owner">{}</span>{}</th>'
        '<td class="n">{}</td><td class="n">{}</td></tr>',
        rows,
    )


def _bar(line: GapLine, drawn: dict[str, float] | None) -> SafeString:
    if drawn is None or line.patients is None:
        return NOTHING
    return format_html(
        '<svg class="gap__bar" viewBox="{} 0 {} 1" preserveAspectRatio="none" aria-hidden="true">'
        '<line x1="0" y1=".5" x2="{}" y2=".5" stroke-width="1"/></svg>',
        drawn["low"],
        drawn["span"],
        line.patients,
    )


def _verdict(stage: StageLine) -> SafeString:
    judgement = stage.judgement
    if judgement is None:
        return NOTHING
    usual = "" if judgement.usual_rate is None else numbers.rate(judgement.usual_rate)
    if judgement.reason:
        usually = f" Usually {usual}." if usual else ""
        verdict = judgement.verdict.value
        why = judgement.reason[:1].lower() + judgement.reason[1:]
        return format_html('<p class="quiet">{}: {}{}</p>', verdict, why, usually)
    if stage.is_different:
        return format_html(
            '<p class="verdict--different"><span aria-hidden="true">◆</span> {} ({})</p>',
            judgement.verdict.value,
            usual,
        )
    return format_html('<p class="quiet">{} ({})</p>', judgement.verdict.value, usual)
