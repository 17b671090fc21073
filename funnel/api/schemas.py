"""Response schemas, validated by tests only: pydantic takes longer than the database."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from funnel.domain.variation import ChartRule
from funnel.domain.verdict import Verdict
from funnel.models import KPI, Staff


def one_of(words: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(words)})


def one_of_or_null(words: Iterable[str]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "enum": list(words)}, {"type": "null"}]})


Access = Annotated[str, one_of(Staff.Access.values)]
Unit = Annotated[str, one_of(KPI.Unit.values)]
Direction = Annotated[str, one_of(KPI.Direction.values)]
Calculation = Annotated[str, one_of(KPI.Calculation.values)]
RuleName = Annotated[str, one_of(ChartRule)]
Owner = Annotated[str | None, Field(description="A name; null: no owner.")]
Number = Annotated[float, WithJsonSchema({"type": "number"})]
Words = Annotated[str, Field(max_length=500)]
Fraction = Annotated[Number | None, Field(description="A fraction: 0.4 is 40 %.")]


class Out(BaseModel):
    """Exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class ErrorOut(Out):
    """`field` is "" for the whole."""

    field: str
    detail: str


class ProblemOut(BaseModel):
    """A problem (RFC 9457); `detail` is for people."""

    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["There is no such thing here"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such KPI here."])
    errors: list[ErrorOut] = Field(default=[], description="By field, if it is about fields.")


class MeOut(Out):
    """`number` and `access` are null for superusers without membership."""

    number: int | None
    name: str
    access: Access | None
    may_enter: bool = Field(description="Whether you may own a number or stand in for one.")
    is_manager: bool = Field(description="Whether you may enter every number, with a reason.")


class MeetingTimeOut(Out):
    weekday: str = Field(examples=["Monday"])
    time: str = Field(examples=["09:00"])


class PracticeOut(Out):
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
    practices: list[PracticeOut]


class PersonOut(Out):
    """Follow-ups take the `number`."""

    number: int
    name: str
    title: str
    access: Access
    roles: list[str]


class PracticeFullOut(PracticeOut):
    team: list[PersonOut]


class KPIOut(Out):
    """`source`, `divisor` and `window` define a calculated KPI."""

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
    """Funnel stages first."""

    kpis: list[KPIOut]


class LimitsOut(Out):
    """`lower` is raw and may be below 0."""

    mean: Number
    lower: Number
    upper: Number
    range_limit: Number


class BaselineOut(Out):
    """Successive finished weeks with limits of one origin.

    `begins` is the first week of a manual baseline, with limits from its first 20 recorded weeks:
    `provisional` until then, later `frozen`. null: limits from the 26 recorded weeks before, always
    `provisional`. `limits` and `counted`, the number of weeks used, are of the last week; null and
    0 with too few.
    """

    begins: str | None
    first: str
    last: str
    state: Literal["none", "provisional", "frozen"]
    counted: int
    limits: LimitsOut | None


class RangeOut(Out):
    """`low` is raw and may be below 0."""

    low: Number
    high: Number


class PointOut(Out):
    """A week. `signals` are rules that include it, `completes` those it completes.

    `verdict` is null in a running week; short weeks have none. `since` is the first week of an
    unfinished run of signals; `is_news` marks its start and end.
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
    """`limits` and `baseline` are of the latest finished week."""

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
    """Send `version` with changes."""

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
    """`next` is the next cursor, null at the end."""

    entries: list[EntryOut]
    next: str | None


class BatchOut(Out):
    """In the order sent."""

    entries: list[EntryOut]
    new: int
    changed_or_same: int


class ShortWeekOut(Out):
    week: str
    days_open: int
    reason: str
    marked_by: str
    marked_at: str


class ShortWeeksOut(Out):
    short_weeks: list[ShortWeekOut]


class FollowUpOut(Out):
    """Send `version` with changes."""

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
    follow_ups: list[FollowUpOut]
    page: int
    pages: int


class ConflictOut(ProblemOut):
    """`current` is the stored version."""

    current: EntryOut | FollowUpOut


class LineErrorOut(Out):
    line: int = Field(description="From 0.")
    kpi: str
    week: str
    status: int
    type: str
    field: str
    detail: str
    current: EntryOut | None = None


class BatchProblemOut(ProblemOut):
    """Nothing was saved."""

    errors: list[Any] = Field(default=[])
