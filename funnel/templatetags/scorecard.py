from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from django import template
from django.utils.html import conditional_escape

from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.status import Status
from funnel.domain.weeks import Week
from funnel.reports.scorecard.periods import PeriodCell, PeriodRates, PeriodRow, PeriodScorecard
from funnel.reports.scorecard.scorecard import Head, RateRow, Scorecard, ScorecardCell, ScorecardRow
from funnel.templatetags.addresses import address
from funnel.templatetags.numbers import CACHED, rate, value

register = template.Library()

T = TypeVar("T")

SIGNS = {status: conditional_escape(status.value.replace(" ", "-")) for status in Status}
WORDS = {status: conditional_escape(status.word) for status in Status}
SHAPES = {status: conditional_escape(status.shape) for status in Status}
# Statuses without a sign: no attention is needed.
WITHOUT_SIGN = frozenset({Status.NO_TARGET, Status.MET})
# Columns besides the weeks (name, target, two averages, sum) and besides the periods (name,
# target).
BESIDE_WEEKS = 5
BESIDE_PERIODS = 2


class CellMark(NamedTuple):
    kind: str
    words: str
    shape: str


class WeekCell(NamedTuple):
    """`door` is the entry form's URL, or "". Without a sign, `words` is for screen readers only."""

    door: str
    classes: str
    text: str
    kind: str
    words: str
    shape: str
    marks: Sequence[CellMark]


class PeriodTexts(NamedTuple):
    is_running: bool
    text: str
    weeks: str
    last_year: str
    change: str


@register.filter
def ordered(columns: Sequence[T], is_oldest_first: bool) -> Sequence[T]:
    return columns if is_oldest_first else columns[::-1]


@register.filter
def width(card: Scorecard | PeriodScorecard) -> int:
    if isinstance(card, Scorecard):
        return len(card.weeks) + BESIDE_WEEKS
    return len(card.periods) + BESIDE_PERIODS


@register.filter
def rest_of_label(week: Week) -> str:
    return week.label.removeprefix(week.short_label)


@register.filter
def sign(status: Status) -> str:
    return SIGNS[status]


@register.filter
def amount(v: Number | None, head: Head) -> str:
    return value(v, head.unit, head.currency)


@register.filter
def averaged(v: Number | None, head: Head) -> str:
    """Counts get one decimal, summed money none."""
    if v is not None and head.unit == "count":
        return numbers.decimal(v)
    if v is not None and head.unit == "money" and head.has_sum:
        return numbers.money(v, head.currency)
    return amount(v, head)


@register.simple_tag
def week_cells(row: ScorecardRow, card: Scorecard, is_oldest_first: bool) -> Sequence[WeekCell]:
    head = row.head
    cells = [
        _week_cell(cell, head, _door(card.practice_slug, week, head.slug) if cell.may_enter else "")
        for cell, week in zip(row.cells, card.weeks, strict=True)
    ]
    return ordered(cells, is_oldest_first)


@lru_cache(maxsize=CACHED)
def _door(slug: str, week: Week, kpi: str) -> str:
    return conditional_escape(f"{address('enter', slug, week)}#{kpi}")


def _week_cell(cell: ScorecardCell, head: Head, door: str) -> WeekCell:
    status, v = cell.status, cell.value
    if status is None:
        return WeekCell("", "", "", "", "not reviewed in this week", "", ())
    kind = "" if status in WITHOUT_SIGN else SIGNS[status]
    words: str = WORDS[status]
    if v is not None and cell.target is not None and cell.target != head.target:
        words = f"{words}, target then {amount(cell.target, head)}"
    return WeekCell(
        door,
        _classes(cell),
        "" if v is None else value(v, head.unit, head.currency),
        kind,
        words,
        SHAPES[status],
        _marks(cell, head),
    )


def _classes(cell: ScorecardCell) -> str:
    found = []
    if cell.status == Status.IN_PROGRESS:
        found.append("is-running")
    if cell.status == Status.MISSED:
        found.append("is-missed")
    if cell.run:
        found.append(f"run run--{cell.run}")
    return " ".join(found)


def _marks(cell: ScorecardCell, head: Head) -> Sequence[CellMark]:
    if not (cell.is_marked or cell.is_corrected or cell.note):
        return ()
    marks = []
    if cell.is_marked and cell.verdict is not None:
        marks.append(CellMark("look", cell.verdict.value, "◆"))
    if cell.is_corrected:
        words = "entered after the meeting"
        if cell.seen_value is not None:
            words = f"corrected after the meeting from {amount(cell.seen_value, head)}"
        marks.append(CellMark("look", words, "✎"))
    if cell.note:
        marks.append(CellMark("note", f"note: {cell.note}", "*"))
    return marks


@register.simple_tag
def rate_cells(
    row: RateRow, card: Scorecard, is_oldest_first: bool
) -> Sequence[tuple[bool, bool, float | None]]:
    """(is running, is step, rate) of each week."""
    running = [week == card.running for week in card.weeks]
    return ordered(list(zip(running, row.is_step_in, row.rates, strict=True)), is_oldest_first)


@register.simple_tag
def period_cells(
    row: PeriodRow | PeriodRates, card: PeriodScorecard, is_oldest_first: bool
) -> Sequence[PeriodTexts]:
    head = row.head if isinstance(row, PeriodRow) else None
    cells = [
        _period_texts(cell, head, is_running=period == card.running)
        for cell, period in zip(row.cells, card.periods, strict=True)
    ]
    return ordered(cells, is_oldest_first)


def _period_texts(cell: PeriodCell, head: Head | None, *, is_running: bool) -> PeriodTexts:
    is_partial = cell.value is not None and cell.recorded < cell.completed
    return PeriodTexts(
        is_running,
        _rolled_up(cell.value, head) if cell.completed else "",
        f"{cell.recorded} of {cell.completed} weeks" if is_partial else "",
        "" if cell.last_year is None else _rolled_up(cell.last_year, head),
        _change(cell, head),
    )


def _rolled_up(v: Number | None, head: Head | None) -> str:
    if head is None:
        return rate(v)
    return amount(v, head) if head.has_sum else averaged(v, head)


def _change(cell: PeriodCell, head: Head | None) -> str:
    """In points for rates, absolute for decimals, else in percent."""
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
