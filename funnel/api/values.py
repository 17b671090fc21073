import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja.parser import Parser
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from funnel.access import Seat
from funnel.domain import numbers
from funnel.domain.numbers import Number
from funnel.domain.weeks import Week
from funnel.etags import etag_of, tagged, unchanged

CONTENT_TYPE = "application/json"
WEEK = {
    "type": "string",
    "pattern": "^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$",
    "description": "An ISO week, Monday to Sunday.",
    "examples": ["2026-W47"],
}
NO_NUL = "^[^\\u0000]*$"
# More digits than any number here, before and after the point.
MOST_DIGITS = 20


def _week(text: Any) -> Week:
    try:
        return Week.parse(text)
    except (TypeError, ValueError):
        raise ValueError("A week is written like 2026-W47.") from None


def no_nul(text: str) -> str:
    """Raises ValueError for NUL, which PostgreSQL refuses."""
    if "\0" in text:
        raise ValueError("Write it again without special characters.")
    return text


def _as_given(value: Any) -> Any:
    """Already converted by the URL pattern."""
    return value


Slug = Annotated[
    str,
    PlainValidator(_as_given),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[-a-zA-Z0-9_]+$",
            "description": "The short name in the URL of its pages.",
            "examples": ["lumina"],
        }
    ),
]
KPISlug = Annotated[
    str,
    PlainValidator(_as_given),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[-a-zA-Z0-9_]+$",
            "description": "The KPI's short name.",
            "examples": ["appointments"],
        }
    ),
]
QueryText = Annotated[str, Field(json_schema_extra={"pattern": NO_NUL}), AfterValidator(no_nul)]
PathWeek = Annotated[Week, PlainValidator(_as_given), WithJsonSchema(WEEK)]
QueryWeek = Annotated[Week, PlainValidator(_week), WithJsonSchema(WEEK)]
PathNumber = Annotated[
    int,
    PlainValidator(_as_given),
    WithJsonSchema(
        {"type": "integer", "minimum": 1, "maximum": 10**18 - 1, "description": "Its number."}
    ),
]


class ExactParser(Parser):
    """Exact numbers, no NaN and Infinity."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body, parse_float=Decimal, parse_constant=_no_number)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number.")


def typed(value: Any) -> str:
    """27 and 27.0 become "27". Raises ValueError."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(numbers.NOT_A_NUMBER if value is not None else numbers.EMPTY)
    exact = Decimal(value)
    if exact.is_zero():
        return "0"
    if exact.adjusted() > MOST_DIGITS:
        raise ValueError(numbers.NEGATIVE if exact < 0 else numbers.TOO_LARGE)
    _, digits, exponent = exact.as_tuple()
    if not isinstance(exponent, int) or exponent < -MOST_DIGITS or len(digits) > 2 * MOST_DIGITS:
        raise ValueError(numbers.TOO_FINE)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(v: Number | None) -> int | float | None:
    """27 instead of 27.0. Floats print all digits of an entry."""
    if v is None:
        return None
    whole = int(v)
    return whole if whole == v else float(v)


def answer(body: Mapping[str, Any], *, status: int = 200, **headers: str) -> HttpResponse:
    content = json.dumps(body, separators=(",", ":"), allow_nan=False)
    return HttpResponse(content, CONTENT_TYPE, status=status, headers=headers)


def answer_unless_known(
    request: HttpRequest, seat: Seat, today: date, build: Callable[[], Mapping[str, Any]]
) -> HttpResponse:
    """304 without building the body for a matching ETag (version, local day, user, URL)."""
    etag = etag_of(
        seat.practice.pk, seat.known_version, today, seat.user.pk, request.get_full_path()
    )
    return unchanged(request, etag) or tagged(request, answer(build()), etag)
