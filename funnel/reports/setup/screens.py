"""The screens of a practice, and what one of them shows."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from funnel.domain.status import Status
from funnel.domain.weeks import Week
from funnel.models import Practice, Screen
from funnel.reports.board.board import Board, Drawn, leak_of, outcome_of
from funnel.reports.board.gap import Gap, GapLine, Risk
from funnel.reports.board.lines import StageLine
from funnel.reports.secrets import SecretLine, list_secrets

MOST_RISKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenLine(SecretLine):
    """A screen as its manager sees it."""

    name: str
    shows_names: bool


def list_screens(practice: Practice, *, today: date) -> tuple[ScreenLine, ...]:
    """The practice's screens, the active ones first, each kind by name. One query."""

    def line(row: Screen, **shared: Any) -> ScreenLine:
        return ScreenLine(name=row.name, shows_names=row.shows_names, **shared)

    return list_secrets(Screen.objects.filter(practice=practice), practice, line, today=today)


@dataclass(frozen=True, slots=True)
class Cell:
    """A week's number on the scorecard, None where it is missing."""

    value: Decimal | None
    status: Status


@dataclass(frozen=True, slots=True)
class Row:
    """One stage on the scorecard, a cell a week, oldest first, None where it was not reviewed yet;
    `target` is the last week's."""

    name: str
    place: int
    target: Decimal | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """What a screen may show of a board: nothing that was written, and no one's name unless the
    screen may.

    Without names a line's `owner` is its role, and None still where no one owns it. `risks` are
    the first two, `more_risks` how many there are beside them.
    """

    practice_name: str
    time_zone: str
    currency: str
    week: Week
    outcome: str
    leak: str
    risks: tuple[Risk, ...]
    more_risks: int
    stages: tuple[StageLine, ...]
    gap: Gap | None
    weeks: tuple[Week, ...]
    rows: tuple[Row, ...]


def build_wall(board: Board, *, time_zone: str, shows_names: bool) -> Wall:
    """The board of a week that is over, with its trend, as it may hang on a wall. No query."""
    stages = tuple(_plain(line, shows_names=shows_names) for line in board.stages)
    gap = _without_names(board.gap) if board.gap and not shows_names else board.gap
    trend = board.trend
    weeks = trend.weeks[: trend.span] if trend else ()
    return Wall(
        practice_name=board.practice_name,
        time_zone=time_zone,
        currency=board.currency,
        week=board.week,
        outcome=outcome_of(stages, gap, is_running=board.is_running),
        leak=leak_of(gap, board.currency),
        risks=board.risks[:MOST_RISKS],
        more_risks=max(0, len(board.risks) - MOST_RISKS),
        stages=stages,
        gap=gap,
        weeks=weeks,
        rows=tuple(_row(drawn, len(weeks)) for drawn in trend.series) if trend else (),
    )


def _plain(line: StageLine, *, shows_names: bool) -> StageLine:
    """Without what was written of it, and without its owner's name unless that may be shown."""
    owner = line.owner if shows_names else _nameless(line)
    return replace(line, definition="", owner=owner, owner_id=None)


def _without_names(gap: Gap) -> Gap:
    return replace(gap, lines=tuple(replace(part, owner=_nameless(part)) for part in gap.lines))


def _nameless(line: StageLine | GapLine) -> str | None:
    """The role in the owner's place; a KPI without an owner stays one."""
    return None if line.owner is None else line.role


def _row(drawn: Drawn, weeks: int) -> Row:
    """A stage counts, and more of it is better (`funnel_kpi_stage_counts`)."""
    cells = zip(drawn.values[:weeks], drawn.targets[:weeks], drawn.reviewed[:weeks], strict=True)
    return Row(
        name=drawn.name,
        place=drawn.place,
        target=drawn.targets[weeks - 1] if weeks else None,
        cells=tuple(
            Cell(value, Status.of(value, target, higher_is_better=True, in_progress=False))
            if is_reviewed
            else None
            for value, target, is_reviewed in cells
        ),
    )
