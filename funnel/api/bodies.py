"""Request bodies; the pages' forms validate values."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictStr,
    WithJsonSchema,
)

from funnel.api.values import NO_NUL, WEEK, QueryWeek, no_nul, typed
from funnel.domain.numbers import MAX_LENGTH, MAX_VALUE

MOST_LINES = 1000

TypedNumber = Annotated[
    str,
    PlainValidator(typed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": MAX_VALUE},
                {
                    "type": "string",
                    # Wider than accepted, which depends on the unit.
                    "pattern": "^[^0-9\\u0000]{0,9}[0-9][0-9.,'’ \\u00a0\\u202f\\u2009]*"
                    "[^0-9\\u0000]{0,9}$",
                    "maxLength": MAX_LENGTH,
                },
            ],
            "examples": [27, "27", "1,234"],
            "description": "A number, or text as typed on the page, in the KPI's "
            "unit: “1 234” for a count, “$9,600” for money, “12.5%” for a percentage.",
        }
    ),
]
Version = Annotated[int, Field(ge=1, le=999_999_999)]
Text = Annotated[StrictStr, AfterValidator(no_nul), Field(json_schema_extra={"pattern": NO_NUL})]
Day = Annotated[
    StrictStr,
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "examples": ["2026-12-01"],
        }
    ),
]


class In(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class EntryIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"value": 27, "note": "Two days closed", "version": 1}]}
    )

    value: TypedNumber
    note: Text = Field(
        "", max_length=500, description="No patient names.", examples=["Two days closed"]
    )
    version: Version | None = Field(
        None, description="Of the entry you read; omit it if there was none."
    )
    reason: Text = Field(
        "", max_length=200, description="Why a manager enters it instead of the owner."
    )
    confirmed: bool = Field(
        False, description="Confirms an improbable value, after /problems/doubtful."
    )


class EntryLineIn(EntryIn):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kpi": "appointments", "week": "2026-W47", "value": 27, "version": 1}]
        }
    )

    kpi: Text = Field(max_length=60, examples=["appointments"])
    week: QueryWeek = Field(json_schema_extra=WEEK)  # type: ignore[arg-type]


class BatchIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entries": [
                        {"kpi": "leads", "week": "2026-W46", "value": 88},
                        {"kpi": "appointments", "week": "2026-W46", "value": 31, "version": 1},
                    ]
                }
            ]
        }
    )

    entries: list[EntryLineIn] = Field(min_length=1, max_length=MOST_LINES)


class ShortWeekIn(In):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"days_open": 3, "reason": "Thanksgiving"}]}
    )

    days_open: int = Field(ge=0, le=6, examples=[3])
    reason: Text = Field(
        max_length=200, min_length=1, description="No patient names.", examples=["Thanksgiving"]
    )


class FollowUpIn(In):
    """`week` defaults to the last finished one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "Call back every lead", "owner": 3, "due_on": "2026-12-01"}]
        }
    )

    text: Text = Field(max_length=300, min_length=1, examples=["Call back every lead"])
    owner: int = Field(ge=1, lt=10**18, description="The number of a member of the team.")
    due_on: Day
    kpi: Text | None = Field(
        None, max_length=60, description="The short name of the KPI it is about, if any."
    )
    week: QueryWeek | None = Field(None)


class FollowUpChangeIn(In):
    """Either text, owner or due date with the version you saw, or `state`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "done"}]})

    text: Text | None = Field(None, max_length=300, min_length=1)
    owner: int | None = Field(None, ge=1, lt=10**18)
    due_on: Day | None = None
    version: Version | None = None
    state: Literal["open", "done", "dropped"] | None = None
    reason: Text = Field("", max_length=200)

    def words(self) -> dict[str, Any]:
        told = {"text": self.text, "owner": self.owner, "due_on": self.due_on}
        return {name: value for name, value in told.items() if value is not None}
