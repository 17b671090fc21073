"""What the dashboard shows for a practice and a week."""

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
    Line,
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
    """One stage over the trend's weeks: its values and the targets in force, None where none, and
    whether it was reviewed then; the running week counts as reviewed, its lineup may change yet.
    `reviewed` is empty in a snapshot from before it was stored: see `is_reviewed`."""

    slug: str
    name: str
    place: int
    values: tuple[Decimal | None, ...]
    targets: tuple[Decimal | None, ...]
    reviewed: tuple[bool, ...]

    def is_reviewed(self, at: int) -> bool:
        """Whether the stage was reviewed in the week of that index."""
        return not self.reviewed or self.reviewed[at]


@dataclass(frozen=True, slots=True)
class Trend:
    """Every stage over some weeks, oldest first.

    `span` is 13, 26 or 52 completed weeks; the running week follows them where the board's week
    is the last one that ended, and is then `running`, an index into `weeks`.
    """

    span: int
    weeks: tuple[Week, ...]
    running: int | None
    series: tuple[Drawn, ...]

    @property
    def rows(self) -> list[tuple[Week, bool, list[Decimal | Literal[""] | None]]]:
        """The weeks newest first: the week, whether it is running, and the number and the target
        of each stage in turn, "" where it was not reviewed."""
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
    """A practice's week as the team sees it.

    `outcome` and `leak` are plain sentences: the result, and the biggest leak, "" when there is
    none. A short week has its reason and the days open, else "" and None. `trend` is None where it
    was not asked for.
    """

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
    others: tuple[Line, ...]
    gap: Gap | None
    risks: tuple[Risk, ...]
    trend: Trend | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every KPI: the stages, then the numbers outside the funnel."""
        return (*self.stages, *self.others)

    @property
    def entered(self) -> tuple[Line, ...]:
        """The KPIs that someone enters: all but the calculated ones."""
        return tuple(line for line in self.lines if not line.is_calculated)

    @property
    def missing(self) -> tuple[Line, ...]:
        """The KPIs whose number is to be entered and is not in."""
        return tuple(line for line in self.entered if line.is_missing)


class Missing(NamedTuple):
    """A number that can be entered and is not in."""

    slug: str
    name: str


def missing_of(board: Board) -> tuple[Missing, ...]:
    """The missing numbers of the board; none of a closed week, which takes none."""
    if board.is_closed:
        return ()
    return tuple([Missing(line.slug, line.name) for line in board.missing])


def build_board(practice: Practice, week: Week, *, today: date, span: int = 13) -> Board:
    """The practice's board of that week, as of today there. Two queries."""
    weeks, running = _trend_weeks(week, today, span)
    ask = Ask(practice, week, max(week, weeks[-1]), today, lineups_from=weeks[0])
    series = load_one(ask)
    drawn = tuple(
        _drawn(series, kpi, place, weeks) for place, kpi in enumerate(series.stages(week), start=1)
    )
    return _build(series, week, Trend(span, weeks, running, drawn))


def _drawn(series: Series, kpi: KPIRow, place: int, weeks: Sequence[Week]) -> Drawn:
    """No target of the running week, which is compared with nothing, nor of one in which the stage
    was not reviewed."""
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
    """The boards of several practices, each with its own week and today, without trends.

    Nothing on them has a verdict but the biggest leak, which is worded with it: a rate takes half a
    year of weeks, the number of a first stage three. Two queries in all, four where a first stage
    is the biggest leak, none for no practice.
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
    """The place of the stage that is the biggest leak; None without one."""
    return board.gap.biggest.place if board.gap and board.gap.biggest else None


def _with_leak(board: Board, series: Series) -> Board:
    """The board with the verdict on its biggest leak."""
    place = _leak_at(board)
    if place is None:
        return board
    verdict = verdict_on(series, board.week, place)
    return replace(board, leak=leak_of(board.gap, board.currency, verdict))


def _trend_weeks(week: Week, today: date, span: int) -> tuple[tuple[Week, ...], int | None]:
    """`span` completed weeks, and the running one behind them when they reach up to it."""
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
    """What came of the week, in a sentence."""
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
    """The biggest leak in a sentence; "" where there is none to name. `verdict` is the one on it,
    None: as the gap has it."""
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
