from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import or_
from typing import Literal, NamedTuple

from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.models import Practice
from funnel.reports.board import headline
from funnel.reports.board.gap import Gap, Risk, build_gap, build_risks
from funnel.reports.board.lines import (
    KPILine,
    StageLine,
    build_other_lines,
    build_stage_lines,
    verdict_on,
)
from funnel.reports.series.loading import FOR_GROUPS, FOR_RATES, Ask, load_one, load_series
from funnel.reports.series.series import KPIRow, Series

SPANS = (13, 26, 52)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One stage of the trend; `reviewed` is empty in old snapshots."""

    slug: str
    name: str
    place: int
    values: tuple[Decimal | None, ...]
    targets: tuple[Decimal | None, ...]
    reviewed: tuple[bool, ...]

    def is_reviewed(self, at: int) -> bool:
        return not self.reviewed or self.reviewed[at]


@dataclass(frozen=True, slots=True)
class Trend:
    """`span` completed weeks, oldest first, then the running one if adjacent."""

    span: int
    weeks: tuple[Week, ...]
    running: int | None
    series: tuple[Drawn, ...]

    @property
    def rows(self) -> list[tuple[Week, bool, list[Decimal | Literal[""] | None]]]:
        """Newest first; "" if not reviewed."""
        columns: list[list[Decimal | Literal[""] | None]] = [
            [number if stage.is_reviewed(at) else "" for at, number in enumerate(column)]
            for stage in self.series
            for column in (stage.values, stage.targets)
        ]
        return [
            (self.weeks[at], at == self.running, [column[at] for column in columns])
            for at in reversed(range(len(self.weeks)))
        ]


@dataclass(frozen=True, slots=True)
class Board:
    practice_name: str
    practice_slug: str
    currency: str
    week: Week
    is_running: bool
    is_reporting: bool
    is_closed: bool
    short_because: str
    days_open: int | None
    outcome: str
    leak: str
    stages: tuple[StageLine, ...]
    others: tuple[KPILine, ...]
    gap: Gap | None
    risks: tuple[Risk, ...]
    trend: Trend | None

    @property
    def lines(self) -> tuple[KPILine, ...]:
        return (*self.stages, *self.others)

    @property
    def entered(self) -> tuple[KPILine, ...]:
        return tuple(line for line in self.lines if not line.is_calculated)

    @property
    def missing(self) -> tuple[KPILine, ...]:
        return tuple(line for line in self.entered if line.is_missing)


class MissingKPI(NamedTuple):
    slug: str
    name: str


def missing_of(board: Board) -> tuple[MissingKPI, ...]:
    """Empty for a closed week."""
    if board.is_closed:
        return ()
    return tuple([MissingKPI(line.slug, line.name) for line in board.missing])


def build_board(practice: Practice, week: Week, *, today: date, span: int = 13) -> Board:
    """Two queries."""
    weeks, running = _trend_weeks(week, today, span)
    ask = Ask(practice, week, max(week, weeks[-1]), today, lineups_from=weeks[0])
    series = load_one(ask)
    drawn = tuple(
        _drawn(series, kpi, place, weeks) for place, kpi in enumerate(series.stages(week), start=1)
    )
    return _build(series, week, Trend(span, weeks, running, drawn))


def _drawn(series: Series, kpi: KPIRow, place: int, weeks: Sequence[Week]) -> Drawn:
    """No targets in the running week and without review."""
    is_running = [week.is_running(series.today) for week in weeks]
    is_in = [series.is_reviewed(kpi.id, week) for week in weeks]
    return Drawn(
        slug=kpi.slug,
        name=kpi.name,
        place=place,
        values=series.column(kpi.id, weeks),
        targets=tuple(
            [
                series.target(kpi.id, week) if reviewed and not running else None
                for week, reviewed, running in zip(weeks, is_in, is_running, strict=True)
            ]
        ),
        reviewed=tuple(map(or_, is_running, is_in)),
    )


def build_boards(practices: Sequence[tuple[Practice, Week, date]]) -> list[Board]:
    """Boards without trends; only the biggest leak has a verdict.

    Two queries, four if that is a first stage (three years), none without practices.
    """
    if not practices:
        return []
    asks = [Ask(practice, week, week, today) for practice, week, today in practices]
    loaded = load_series(asks, reach=FOR_RATES)
    boards = [_build(series, series.last, None, with_verdicts=False) for series in loaded]
    first_stages = [place for place, board in enumerate(boards) if _leak_at(board) == 1]
    if first_stages:
        deeper = load_series([asks[place] for place in first_stages], reach=FOR_GROUPS)
        for place, series in zip(first_stages, deeper, strict=True):
            loaded[place] = series
    return [_with_leak(board, series) for board, series in zip(boards, loaded, strict=True)]


def _leak_at(board: Board) -> int | None:
    return board.gap.biggest.place if board.gap and board.gap.biggest else None


def _with_leak(board: Board, series: Series) -> Board:
    place = _leak_at(board)
    if place is None:
        return board
    verdict = verdict_on(series, board.week, place)
    return replace(board, leak=leak_of(board.gap, board.currency, verdict))


def _trend_weeks(week: Week, today: date, span: int) -> tuple[tuple[Week, ...], int | None]:
    if week.is_running(today):
        return (*week.back(span), week), span
    completed = (*week.back(span - 1), week)
    if week.next.is_running(today):
        return (*completed, week.next), span
    return completed, None


def _build(series: Series, week: Week, trend: Trend | None, *, with_verdicts: bool = True) -> Board:
    practice, today = series.practice, series.today
    stages = build_stage_lines(series, week, with_verdicts=with_verdicts)
    others = build_other_lines(series, week, with_verdicts=with_verdicts)
    gap = build_gap(series, week, stages)
    is_running = week.is_running(today)
    short = series.short.get(week)
    return Board(
        practice_name=practice.name,
        practice_slug=practice.slug,
        currency=practice.currency,
        week=week,
        is_running=is_running,
        is_reporting=week == Week.reporting(today),
        is_closed=week in series.closed,
        short_because=short.reason if short else "",
        days_open=short.days_open if short else None,
        outcome=outcome_of(stages, gap, is_running=is_running),
        leak=leak_of(gap, practice.currency),
        stages=stages,
        others=others,
        gap=gap,
        risks=build_risks(practice, (*stages, *others), gap),
        trend=trend,
    )


def outcome_of(stages: Sequence[StageLine], gap: Gap | None, *, is_running: bool) -> str:
    """Return the result as a sentence."""
    if not stages:
        return "This practice has no funnel yet."
    last = stages[-1]
    return headline.outcome(
        name=last.name,
        value=last.value,
        owner=last.owner,
        fewer=gap.total if gap else None,
        is_running=is_running,
    )


def leak_of(gap: Gap | None, currency: str, verdict: Verdict | None = None) -> str:
    """Return a sentence, "" without a leak."""
    biggest = gap.biggest if gap else None
    if gap is None or biggest is None or not biggest.patients:
        return ""
    return headline.leak(
        name=biggest.name,
        role=biggest.role,
        owner=biggest.owner,
        patients=biggest.patients,
        money=biggest.money,
        currency=currency,
        verdict=verdict or biggest.verdict,
        is_final=all(line.patients is not None for line in gap.lines),
    )
