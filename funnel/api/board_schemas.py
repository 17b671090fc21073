from typing import Annotated, Literal

from pydantic import Field

from funnel.api.schemas import Fraction, Number, Out, Owner, RuleName, Unit, one_of
from funnel.domain.status import Status
from funnel.domain.verdict import Verdict


class ChangeOut(Out):
    """Difference from last week, also as a fraction (null from 0). For rates in points."""

    difference: Number
    fraction: Fraction


class UsualOut(Out):
    """A rate against the 26 weeks before (Laney p′). `low` and `high` are raw: `low` may be below
    0."""

    verdict: Annotated[str, one_of(Verdict)]
    low: Fraction
    high: Fraction
    weeks: int
    reason: str


class LineOut(Out):
    """A KPI; null is missing, never 0."""

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
    place: int
    rate_of_previous: Fraction
    rate_of_first: Fraction
    rate_change: ChangeOut | None
    pooled_rate: Fraction
    usual: UsualOut | None
    expected: Number | None = Field(description="The expected patients of the week.")


class PartOut(Out):
    """Positive is lost, negative gained."""

    kpi: str
    name: str
    role: str
    owner: Owner
    patients: Number | None
    money: Number | None
    is_biggest: bool


class GapOut(Out):
    """Expected minus actual patients; the parts add up to `total` and `total_money`."""

    expected: Number
    actual: Number | None
    total: Number | None
    expected_money: Number | None
    total_money: Number | None
    told_from: Literal["targets", "history"]
    parts: list[PartOut]


class LeakOut(Out):
    kpi: str
    name: str
    role: str
    owner: Owner
    patients: Number | None
    money: Number | None


class MissingOut(Out):
    kpi: str
    name: str
    owner: Owner


class ReadinessOut(Out):
    is_ready: bool
    entered: int
    of: int
    missing: list[MissingOut]


class UnownedOut(Out):
    kpi: str
    name: str
    role: str
    patients: Number | None
    money: Number | None
    is_lost: bool
    sentence: str


class SeriesOut(Out):
    kpi: str
    values: list[Number | None]
    targets: list[Number | None]


class TrendOut(Out):
    """Oldest week first; `running` is the unfinished one."""

    weeks: list[str]
    running: str | None
    series: list[SeriesOut]


class ShortOut(Out):
    days_open: int
    reason: str


class BoardOut(Out):
    """`outcome` and `leak` are sentences; `leak` may be ""."""

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
