"""What the API answers, field by field: its OpenAPI document is told from here.

Answers are written by hand (pydantic would take longer than the database); a test holds real ones
against these.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from funnel.domain.variation import Rule
from funnel.domain.verdict import Verdict
from funnel.models import KPI, Staff


def one_of(words: Iterable[str]) -> WithJsonSchema:
    """One of these words."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


def one_of_or_null(words: Iterable[str]) -> WithJsonSchema:
    """One of these words, or null."""
    return WithJsonSchema({"anyOf": [{"type": "string", "enum": list(words)}, {"type": "null"}]})


Access = Annotated[str, one_of(Staff.Access.values)]
Unit = Annotated[str, one_of(KPI.Unit.values)]
Direction = Annotated[str, one_of(KPI.Direction.values)]
Calculation = Annotated[str, one_of(KPI.Calculation.values)]
RuleName = Annotated[str, one_of(Rule)]
Owner = Annotated[str | None, Field(description="A name; null: no owner.")]
Number = Annotated[float, WithJsonSchema({"type": "number"})]
Words = Annotated[str, Field(max_length=500)]
Fraction = Annotated[Number | None, Field(description="A fraction: 0.4 is 40 %.")]


class Out(BaseModel):
    """Exactly these fields, all of them there."""

    model_config = ConfigDict(extra="forbid")


class ErrorOut(Out):
    """What is wrong with one field, in a sentence; `field` is "" where it is about the whole."""

    field: str
    detail: str


class ProblemOut(BaseModel):
    """Why not, as RFC 9457 writes it: `detail` is a sentence for people."""

    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["There is no such thing here"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such KPI here."])
    errors: list[ErrorOut] = Field(default=[], description="By field, if it is about fields.")


class MeOut(Out):
    """As whom you ask. `number` and `access` are null for a superuser without a place there."""

    number: int | None
    name: str
    access: Access | None
    may_enter: bool = Field(description="Whether you may own a number or stand in for one.")
    is_manager: bool = Field(description="Whether you may enter every number, with a reason.")


class MeetingTimeOut(Out):
    """When the practice meets."""

    weekday: str = Field(examples=["Monday"])
    time: str = Field(examples=["09:00"])


class PracticeOut(Out):
    """One practice, and the weeks as they are there now."""

    slug: str
    name: str
    time_zone: str
    currency: str
    value_per_patient: Number | None = Field(description="In force in the current week.")
    meeting: MeetingTimeOut
    began_on: str
    today: str
    reporting_week: str = Field(description="The last week that has ended there.")
    running_week: str
    me: MeOut


class PracticesOut(Out):
    """The practices you have a place in; with a token the token's one."""

    practices: list[PracticeOut]


class PersonOut(Out):
    """Someone of the team; a follow-up is given to their `number`."""

    number: int
    name: str
    title: str
    access: Access
    roles: list[str]


class PracticeFullOut(PracticeOut):
    """One practice with its team."""

    team: list[PersonOut]


class KPIOut(Out):
    """A number the team reviews every week. `source`, `divisor` and `window` tell a calculated
    one."""

    slug: str
    name: str
    definition: str = Field(description="What counts.")
    role: str
    owner: Owner
    is_mine: bool
    unit: Unit
    direction: Direction
    stage: int | None = Field(description="In the funnel of the current week; null: not a stage.")
    target: Number | None = Field(description="In force in the current week.")
    calculation: Calculation
    source: str | None
    divisor: str | None
    window: int | None


class KPIsOut(Out):
    """The KPIs in use, the stages of the funnel first."""

    kpis: list[KPIOut]


class LimitsOut(Out):
    """What the number usually does. `lower` is raw and may be below 0."""

    mean: Number
    lower: Number
    upper: Number
    range_limit: Number


class BaselineOut(Out):
    """Successive completed weeks shown whose usual range has the same origin.

    `begins` is the first week of a baseline that a manager set, whose limits come from its first 20
    recorded weeks: `provisional` until there are 20, then `frozen`. null: none was set, and the
    limits of each week come from the 26 recorded weeks before it, which are always `provisional`.
    `limits` and `counted`, the number of weeks they come from, are those of the last of the weeks;
    with too few weeks before it null and 0. Those of every week are its `usual`.
    """

    begins: str | None
    first: str
    last: str
    state: Literal["none", "provisional", "frozen"]
    counted: int
    limits: LimitsOut | None


class RangeOut(Out):
    """The usual range of a week, raw: `low` may be below 0."""

    low: Number
    high: Number


class PointOut(Out):
    """One week. `signals` are the rules whose window it is in, `completes` those it completes.

    `verdict` compares it with its usual range, null in a running week. `since` is the first week of
    a run of signals that has not ended; `is_news` in the week such a run begins or ends. A short
    week gets no verdict.
    """

    week: str
    value: Number | None
    moved: Number | None = Field(description="The difference to the week before.")
    target: Number | None
    signals: list[RuleName]
    completes: list[RuleName]
    is_running: bool
    verdict: Annotated[str | None, one_of_or_null(Verdict)]
    usual: RangeOut | None = Field(description="null with too few weeks before it.")
    since: str | None
    is_news: bool
    is_short: bool


class HistoryOut(Out):
    """One number over time. `limits` and `baseline` are those of the latest completed week."""

    kpi: str
    name: str
    definition: str
    unit: Unit
    direction: Direction
    role: str
    owner: Owner
    baseline: Literal["none", "provisional", "frozen"]
    limits: LimitsOut | None
    baselines: list[BaselineOut]
    weeks: list[PointOut]


class EntryOut(Out):
    """A KPI's number of a week as it stands. `version` goes along with a change of it."""

    kpi: str
    week: str
    value: Number
    note: str
    version: int
    entered_at: str
    entered_by: str
    entered_for: str | None = Field(description="Its owner, when someone else entered it.")
    reason: str
    is_corrected: bool
    seen_value: Number | None


class EntriesOut(Out):
    """A page of entries by week and KPI; `next` is the cursor of the next page, null on the
    last."""

    entries: list[EntryOut]
    next: str | None


class BatchOut(Out):
    """All of them saved, in the order they were sent."""

    entries: list[EntryOut]
    new: int
    changed_or_same: int


class ShortWeekOut(Out):
    """A week with a holiday or closed days, marked by a manager."""

    week: str
    days_open: int
    reason: str
    marked_by: str
    marked_at: str


class ShortWeeksOut(Out):
    """The short weeks, the earliest first."""

    short_weeks: list[ShortWeekOut]


class FollowUpOut(Out):
    """What someone promised in a meeting. `version` goes along with a change of it."""

    number: int
    text: str
    owner: str
    owner_number: int
    due_on: str
    is_overdue: bool
    kpi: str | None
    week: str
    state: Literal["open", "done", "dropped"]
    dropped_because: str
    version: int


class FollowUpsOut(Out):
    """A page of follow-ups, fifty at most."""

    follow_ups: list[FollowUpOut]
    page: int
    pages: int


class ConflictOut(ProblemOut):
    """Someone else saved it; `current` is the saved version."""

    current: EntryOut | FollowUpOut


class LineErrorOut(Out):
    """Why a line of a batch was refused: as an entry by itself would have been."""

    line: int = Field(description="From 0.")
    kpi: str
    week: str
    status: int
    type: str
    field: str
    detail: str
    current: EntryOut | None = None


class BatchProblemOut(ProblemOut):
    """Nothing was saved; `errors` say of each line that was refused why."""

    errors: list[Any] = Field(default=[])
