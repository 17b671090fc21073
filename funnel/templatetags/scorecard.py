"""The scorecard's table, written in one go: cell by cell in the template its two hundred cells
would cost more than all the rest of the page."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.rollup import Rollup
from funnel.domain.status import Status
from funnel.domain.weeks import Week
from funnel.reports.scorecard.periods import (
    PeriodCell,
    PeriodRates,
    PeriodRow,
    PeriodScorecard,
)
from funnel.reports.scorecard.scorecard import Cell, Head, RateRow, Row, Scorecard
from funnel.templatetags.numbers import MISSING

register = template.Library()

T = TypeVar("T")

CLASSES = {status: status.value.replace(" ", "-") for status in Status}
NO_TARGET = '<span class="visually-hidden">, no target</span>'
WITHOUT = '<span aria-hidden="true">–</span><span class="visually-hidden">no target</span>'
NO_SUM = (
    '<span class="quiet" aria-hidden="true">–</span><span class="visually-hidden">no sum</span>'
)
IN_PROGRESS = (
    f'<b class="in-progress" role="img" aria-label="in progress">{Status.IN_PROGRESS.shape}</b>'
)
NO_OWNER = '<span class="status status--unowned"><span aria-hidden="true">▲</span> no owner</span>'
CORNER = '<thead><tr><th scope="col">Number and owner</th><th scope="col">Weekly target</th>'


@register.simple_tag
def scorecard_table(card: Scorecard | PeriodScorecard, is_oldest_first: bool) -> SafeString:
    """The head and the rows of the table, the newest column first unless the oldest is asked for.

    Every text that people wrote is escaped: names, owners, notes.
    """
    parts = (
        _by_week(card, is_oldest_first)
        if isinstance(card, Scorecard)
        else _by_period(card, is_oldest_first)
    )
    return mark_safe("".join(parts))  # noqa: S308


def _by_week(card: Scorecard, is_oldest_first: bool) -> Iterable[str]:
    def turned(columns: Sequence[T]) -> Sequence[T]:
        return columns if is_oldest_first else columns[::-1]

    slug = card.practice_slug
    weeks = turned([_week_head(slug, week, week == card.running) for week in card.weeks])
    yield f"{CORNER}{''.join(weeks)}"
    yield '<th scope="col">4-week average</th><th scope="col">13-week average</th>'
    yield '<th scope="col">Sum</th></tr></thead>'
    doors = turned([reverse("enter", args=[slug, week]) for week in card.weeks])
    width = len(card.weeks) + 5
    for section in card.sections:
        yield _heading(section.name, width)
        for row in section.rows:
            if isinstance(row, RateRow):
                yield _rates(row, turned(row.rates), turned(card.weeks), card.running)
                continue
            head = row.head
            cells = zip(turned(row.cells), doors, strict=True)
            yield _head(head, slug, turned(head.recent), is_oldest_first=is_oldest_first)
            yield "".join([_cell(cell, head, door) for cell, door in cells])
            yield _summary(row)
        yield "</tbody>"


def _week_head(slug: str, week: Week, is_running: bool) -> str:
    rest = week.label.removeprefix(week.short_label)
    return (
        f'<th scope="col"><a href="{reverse("dashboard", args=[slug, week])}">{week.short_label}'
        f'<span class="visually-hidden">{rest}</span></a>'
        f"{' ' + IN_PROGRESS if is_running else ''}</th>"
    )


def _heading(name: str, width: int) -> str:
    return (
        f'<tbody><tr class="grid__group"><th scope="rowgroup" colspan="{width}">'
        f"<span>{escape(name)}</span></th></tr>"
    )


def _head(head: Head, slug: str, recent: Sequence[Status], *, is_oldest_first: bool) -> str:
    signs = "".join([f'<b class="{CLASSES[s]}">{s.shape}</b>' for s in recent])
    words = ", ".join(recent)
    order = "the latest last" if is_oldest_first else "the latest first"
    weeks = "week" if len(recent) == 1 else f"{len(recent)} weeks"
    lately = (
        f' <span class="recent" role="img" aria-label="last {weeks}, {order}: {words}">'
        f"{signs}</span>"
        if recent
        else ""
    )
    if head.is_archived:
        whose = '<span class="tag">archived</span>'
    elif head.is_unowned:
        whose = NO_OWNER
    else:
        whose = escape(head.owner)
    told = ", calculated" if head.is_calculated else ""
    target = WITHOUT if head.target is None else escape(_said(head.target, head))
    loud = ' class="is-unowned"' if head.is_unowned else ""
    return (
        f'<tr{loud}><th scope="row">'
        f'<a href="{reverse("history", args=[slug, head.slug])}">{escape(head.name)}</a>'
        f'<span class="grid__who">{whose}{told}{lately}</span></th><td class="quiet">{target}</td>'
    )


def _cell(cell: Cell, head: Head, door: str) -> str:
    told = _inside(cell, head)
    if cell.may_enter:
        told = f'<a href="{door}#{head.slug}">{told}</a>'
    running = ' class="is-running"' if cell.status == Status.IN_PROGRESS else ""
    return f"<td{running}>{told}</td>"


def _inside(cell: Cell, head: Head) -> str:
    status = cell.status
    text = "" if cell.value is None else escape(_said(cell.value, head)) + " "
    if status == Status.NO_TARGET:
        sign = NO_TARGET
    else:
        word = status.word
        if cell.target is not None and cell.target != head.target and cell.value is not None:
            word += f", target then {_said(cell.target, head)}"
        sign = _sign(CLASSES[status], word, status.shape)
    marks = []
    if cell.signals:
        marks.append(_sign("look", ", ".join(cell.signals), "◆", is_told=True))
    if cell.is_corrected:
        said = "entered after the meeting"
        if cell.seen_value is not None:
            said = f"corrected after the meeting from {_said(cell.seen_value, head)}"
        marks.append(_sign("look", said, "✎", is_told=True))
    if cell.note:
        marks.append(_sign("note", f"note: {cell.note}", "*", is_told=True))
    return text + sign + (f'<span class="grid__marks">{"".join(marks)}</span>' if marks else "")


def _sign(kind: str, words: str, shape: str, *, is_told: bool = False) -> str:
    """The sign with its words for who cannot see it; `is_told` also for a mouse that waits."""
    words = escape(words)
    title = f' title="{words}"' if is_told else ""
    return f'<b class="{kind}" role="img" aria-label="{words}"{title}>{shape}</b>'


def _summary(row: Row) -> str:
    head = row.head
    total = NO_SUM if head.rollup != Rollup.SUM else _maybe(row.total, head)
    averages = (_average(row.average_4, head), _average(row.average_13, head))
    return f'<td class="grid__sum">{averages[0]}</td><td>{averages[1]}</td><td>{total}</td></tr>'


def _rates(
    row: RateRow, rates: Sequence[float | None], weeks: Sequence[Week], running: Week | None
) -> str:
    cells = [
        f'<td class="is-running">{IN_PROGRESS}</td>'
        if week == running
        else f"<td>{_rate(rate)}</td>"
        for rate, week in zip(rates, weeks, strict=True)
    ]
    return (
        f"{_step(row)}{''.join(cells)}"
        f'<td class="grid__sum">{_rate(row.average_4)}</td><td>{_rate(row.average_13)}</td>'
        f"<td>{NO_SUM}</td></tr>"
    )


def _step(row: RateRow | PeriodRates) -> str:
    name = f"{row.before} to {row.name.lower()}"
    return f'<tr class="grid__step"><th scope="row">{escape(name)}</th><td></td>'


def _by_period(card: PeriodScorecard, is_oldest_first: bool) -> Iterable[str]:
    def turned(columns: Sequence[T]) -> Sequence[T]:
        return columns if is_oldest_first else columns[::-1]

    yield CORNER
    for period in turned(card.periods):
        running = f" {IN_PROGRESS}" if period == card.running else ""
        yield (
            f'<th scope="col">{period.label}{running}'
            f'<span class="grid__then">beside {period.a_year_before.label}</span></th>'
        )
    yield "</tr></thead>"
    running_at = [period == card.running for period in turned(card.periods)]
    for section in card.sections:
        yield _heading(section.name, len(card.periods) + 2)
        for row in section.rows:
            head = row.head if isinstance(row, PeriodRow) else None
            if isinstance(row, PeriodRow):
                recent = turned(row.head.recent)
                yield _head(row.head, card.practice_slug, recent, is_oldest_first=is_oldest_first)
            else:
                yield _step(row)
            cells = zip(turned(row.cells), running_at, strict=True)
            yield "".join([_period_cell(cell, head, is_running=r) for cell, r in cells])
            yield "</tr>"
        yield "</tbody>"


def _period_cell(cell: PeriodCell, head: Head | None, *, is_running: bool) -> str:
    """`head` is None for the rate of a step."""
    told = _whole(cell.value, head) + (f" {IN_PROGRESS}" if is_running else "")
    if cell.value is not None and cell.recorded < cell.completed:
        told += f'<span class="grid__part">{cell.recorded} of {cell.completed} weeks</span>'
    if cell.last_year is not None:
        told += (
            f'<span class="grid__then"><span class="visually-hidden">last year </span>'
            f"{_whole(cell.last_year, head)}</span>"
        )
    if changed := _changed(cell, head):
        told += f'<span class="grid__then">{changed}</span>'
    running = ' class="is-running"' if is_running else ""
    return f"<td{running}>{told}</td>"


def _changed(cell: PeriodCell, head: Head | None) -> str:
    """The change in points of a rate, in itself of a decimal, else in percent; "" without one."""
    if cell.change is None:
        return ""
    difference, fraction = cell.change.difference, cell.change.fraction
    if head is None:
        return numbers.points(difference)
    if head.unit == "percent":
        return f"{numbers.signed(difference)} pts"
    if head.unit == "decimal":
        return numbers.signed(difference)
    if fraction is None:
        return ""
    plus = "+" if fraction > 0 else ""
    return f"{plus}{numbers.rate(fraction)}{' a week' if cell.is_per_week else ''}"


def _whole(v: Number | None, head: Head | None) -> str:
    """What a period comes to."""
    if head is None:
        return _rate(v)
    return _maybe(v, head) if head.rollup == Rollup.SUM else _average(v, head)


def _said(v: Number, head: Head) -> str:
    return numbers.value(v, head.unit, head.currency)


def _maybe(v: Number | None, head: Head) -> str:
    return MISSING if v is None else escape(_said(v, head))


def _average(v: Number | None, head: Head) -> str:
    """Of counts to one decimal; of money that is added up in whole units; else as it is said."""
    if v is None:
        return MISSING
    if head.unit == "count":
        return numbers.decimal(v)
    if head.unit == "money" and head.rollup == Rollup.SUM:
        return escape(numbers.money(v, head.currency))
    return escape(_said(v, head))


def _rate(v: Number | None) -> str:
    return MISSING if v is None else numbers.rate(v)
