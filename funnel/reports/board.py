"""What the dashboard shows for a practice and a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funnel.domain.conversion import Judgement, Usual
from funnel.domain.status import Change, Status
from funnel.domain.weeks import Week
from funnel.models import Practice


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI in the board's week. Numbers are as entered, None where missing; rates are fractions.

    `owner` and `role` are names; `owner` is None when no one owns the KPI. `status` judges `value`
    against `target`, the target in force that week. `average` is the mean of the recorded weeks
    among the 13 completed ones before.
    """

    slug: str
    name: str
    definition: str
    unit: str
    role: str
    owner: str | None
    is_mine: bool
    value: Decimal | None
    target: Decimal | None
    status: Status
    last_week: Decimal | None
    change: Change | None
    average: Decimal | None

    @property
    def is_missing(self) -> bool:
        """Nobody has entered it yet."""
        return self.value is None

    @property
    def is_unowned(self) -> bool:
        """No one answers for it."""
        return self.owner is None


@dataclass(frozen=True, slots=True)
class StageLine(Line):
    """One stage of the funnel in the board's week.

    `of_previous` and `of_first` are None for the first stage and where a number is missing or a
    base is 0. `rate_change` is against last week, in fractions (points). `judgement` is None for
    the first stage; its `usual_rate` is the pooled rate of the 13 completed weeks before.
    """

    place: int
    previous_name: str | None
    of_previous: float | None
    of_first: float | None
    rate_change: Change | None
    judgement: Judgement | None

    @property
    def is_different(self) -> bool:
        """This week's rate lies outside the usual range."""
        return self.judgement is not None and self.judgement.verdict == Usual.DIFFERENT

    @property
    def is_above_all(self) -> bool:
        """More went on than came in: possible, and explained on the page."""
        return self.of_previous is not None and self.of_previous > 1


@dataclass(frozen=True, slots=True)
class GapLine:
    """One stage's part of the gap: positive was lost there, negative was gained.

    `patients` in tenths and `money` in whole units, rounded so that the lines add up to the
    totals; None when it cannot be said yet, `money` also when the practice has no value per patient.
    """

    slug: str
    name: str
    role: str
    owner: str | None
    place: int
    patients: Decimal | None
    money: Decimal | None
    is_biggest: bool

    @property
    def is_gain(self) -> bool:
        """More came of this stage than expected."""
        return self.patients is not None and self.patients < 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Expected patients minus actual, and where they were lost.

    `expected` and `total` in tenths; `actual`, `total` and `total_money` are None while the last
    stage's number is missing. `is_from_targets` tells the two ways to expect apart: the targets in
    force, or the 13 completed weeks before.
    """

    expected: Decimal
    actual: Decimal | None
    total: Decimal | None
    total_money: Decimal | None
    is_from_targets: bool
    lines: tuple[GapLine, ...]

    @property
    def biggest(self) -> GapLine | None:
        """The biggest leak; None when nothing is lost, as far as it is known."""
        return next((line for line in self.lines if line.is_biggest), None)


@dataclass(frozen=True, slots=True)
class Risk:
    """A KPI without an owner, and what that puts at risk.

    `patients` (tenths) and `money` are this stage's part of the gap where patients were lost
    there; both None for a number outside the funnel and where nothing is lost or known.
    """

    slug: str
    name: str
    role: str
    patients: Decimal | None
    money: Decimal | None


@dataclass(frozen=True, slots=True)
class Series:
    """One stage over the trend's weeks: its values and the targets in force, None where none."""

    slug: str
    name: str
    place: int
    values: tuple[Decimal | None, ...]
    targets: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Every stage over some weeks, oldest first.

    `span` is 13, 26 or 52 completed weeks; the running week follows them where the board's week
    is the last one that ended, and is then `running`, an index into `weeks`.
    """

    span: int
    weeks: tuple[Week, ...]
    running: int | None
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A practice's week as the team sees it.

    `headline` is one or two plain sentences: the outcome, then the biggest leak; `leak` is "" when
    there is none to name. `trend` is None where it was not asked for.
    """

    practice_name: str
    practice_slug: str
    currency: str
    week: Week
    is_running: bool
    is_reporting: bool
    is_closed: bool
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
    def missing(self) -> tuple[Line, ...]:
        """The KPIs whose number is not in."""
        return tuple(line for line in self.lines if line.is_missing)

    @property
    def mine_missing(self) -> tuple[Line, ...]:
        """Those of the reader's own numbers that are not in."""
        return tuple(line for line in self.missing if line.is_mine)


def build_board(
    practice: Practice, week: Week, *, today: date, staff_id: int | None = None, span: int = 13
) -> Board:
    """The practice's board of that week, as of today there, for that reader (None: a superuser
    without a place). Three queries."""
    raise NotImplementedError


def build_boards(
    practices: Sequence[tuple[Practice, Week, date]],
) -> list[Board]:
    """The boards of several practices, each with its own week and today, without trends. Three
    queries in all."""
    raise NotImplementedError
