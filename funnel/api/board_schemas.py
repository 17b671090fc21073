"""What the API answers of a board, field by field."""

from typing import Annotated, Literal

from pydantic import Field

from funnel.api.schemas import Fraction, Number, Out, Owner, RuleName, Unit, one_of
from funnel.domain.status import Status
from funnel.domain.verdict import Verdict


class ChangeOut(Out):
    """Against last week: the difference, and its fraction of before (null from 0). Between rates
    the difference is in fractions (points)."""

    difference: Number
    fraction: Fraction


class UsualOut(Out):
    """This week's rate against the 26 weeks before (Laney's p-prime), and why there is no verdict.
    `low` and `high` are the usual range for a week of this size, raw: `low` may be below 0."""

    verdict: Annotated[str, one_of(Verdict)]
    low: Fraction
    high: Fraction
    weeks: int
    reason: str


class LineOut(Out):
    """One KPI in the week; null is missing, never 0."""

    slug: str
    name: str
    definition: str
    role: str
    owner: Owner
    is_mine: bool
    unit: Unit
    value: Number | None
    target: Number | None
    status: Annotated[str, one_of(Status)]
    last_week: Number | None
    change: ChangeOut | None
    average: Number | None = Field(description="Of the 13 completed weeks before.")
    signals: list[RuleName] = Field(description="Those that this week completes.")
    verdict: Annotated[str, one_of(Verdict)] | None = Field(
        description="The number against its usual range; null in the current week."
    )
    usual_low: Number | None = Field(description="Of the number; raw, it may be below 0.")
    usual_high: Number | None
    since: str | None = Field(description="The first week of a run of signals that has not ended.")
    is_news: bool = Field(description="Whether such a run starts or ends in this week.")
    is_calculated: bool
    is_corrected: bool
    seen_value: Number | None = Field(
        description="The value that the team saw, if it was corrected since."
    )


class StageOut(LineOut):
    """One stage of the funnel in the week."""

    place: int
    rate_of_previous: Fraction
    rate_of_first: Fraction
    rate_change: ChangeOut | None
    pooled_rate: Fraction
    usual: UsualOut | None
    expected: Number | None = Field(description="The expected patients of the week.")


class PartOut(Out):
    """One stage's part of the gap: positive was lost there, negative was gained."""

    kpi: str
    name: str
    role: str
    owner: Owner
    patients: Number | None
    money: Number | None
    is_biggest: bool


class GapOut(Out):
    """Expected patients minus actual; the parts add up to `total` and `total_money`."""

    expected: Number
    actual: Number | None
    total: Number | None
    expected_money: Number | None
    total_money: Number | None
    told_from: Literal["targets", "history"]
    parts: list[PartOut]


class LeakOut(Out):
    """Where most was lost."""

    kpi: str
    name: str
    role: str
    owner: Owner
    patients: Number | None
    money: Number | None


class MissingOut(Out):
    """A number that is not in yet, and whose it is."""

    kpi: str
    name: str
    owner: Owner


class ReadinessOut(Out):
    """How many of the week's numbers are in."""

    is_ready: bool
    entered: int
    of: int
    missing: list[MissingOut]


class UnownedOut(Out):
    """A KPI that no one answers for, and what that puts at risk."""

    kpi: str
    name: str
    role: str
    patients: Number | None
    money: Number | None
    is_lost: bool
    sentence: str


class SeriesOut(Out):
    """One stage over the trend's weeks."""

    kpi: str
    values: list[Number | None]
    targets: list[Number | None]


class TrendOut(Out):
    """The stages over some weeks, oldest first; `running` is the one that is not over."""

    weeks: list[str]
    running: str | None
    series: list[SeriesOut]


class ShortOut(Out):
    """The mark of a short week: how many days the practice was open, and why."""

    days_open: int
    reason: str


class BoardOut(Out):
    """The board of a week, as numbers. `outcome` and `leak` are its sentences;
    `leak` is "" when there is none to name."""

    practice: str
    week: str
    first_day: str
    last_day: str
    currency: str
    is_running: bool
    is_reporting: bool
    is_closed: bool
    short: ShortOut | None = Field(description="null: a week like any other.")
    outcome: str
    leak: str
    stages: list[StageOut]
    others: list[LineOut]
    gap: GapOut | None
    biggest_leak: LeakOut | None
    readiness: ReadinessOut
    unowned: list[UnownedOut]
    trend: TrendOut
