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
    name: str
    shows_names: bool


def list_screens(practice: Practice, *, today: date) -> tuple[ScreenLine, ...]:
    """Active first, by name. One query."""

    def line(row: Screen, **shared: Any) -> ScreenLine:
        return ScreenLine(name=row.name, shows_names=row.shows_names, **shared)

    return list_secrets(Screen.objects.filter(practice=practice), practice, line, today=today)


@dataclass(frozen=True, slots=True)
class ScreenCell:
    """None where missing."""

    value: Decimal | None
    status: Status


@dataclass(frozen=True, slots=True)
class ScreenRow:
    """A cell per week, oldest first, None unless reviewed; `target` is the last week's."""

    name: str
    place: int
    target: Decimal | None
    cells: tuple[ScreenCell | None, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """What a screen may show: no texts, and names only if permitted.

    Without names `owner` is the role, None without an owner.
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
    rows: tuple[ScreenRow, ...]


def build_wall(board: Board, *, time_zone: str, shows_names: bool) -> Wall:
    """The board of a completed week, as a screen may show it. No query."""
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
    """Without texts and, unless permitted, names."""
    owner = line.owner if shows_names else _nameless(line)
    return replace(line, definition="", owner=owner, owner_id=None)


def _without_names(gap: Gap) -> Gap:
    return replace(gap, lines=tuple(replace(part, owner=_nameless(part)) for part in gap.lines))


def _nameless(line: StageLine | GapLine) -> str | None:
    return None if line.owner is None else line.role


def _row(drawn: Drawn, weeks: int) -> ScreenRow:
    """Stages are counts, higher is better (`funnel_kpi_stage_counts`)."""
    cells = zip(drawn.values[:weeks], drawn.targets[:weeks], drawn.reviewed[:weeks], strict=True)
    return ScreenRow(
        name=drawn.name,
        place=drawn.place,
        target=drawn.targets[weeks - 1] if weeks else None,
        cells=tuple(
            ScreenCell(value, Status.of(value, target, higher_is_better=True, in_progress=False))
            if is_reviewed
            else None
            for value, target, is_reviewed in cells
        ),
    )
