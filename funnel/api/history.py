"""One KPI's number over time."""

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from funnel.api.answers import reading
from funnel.api.auth import seat_of, today_of
from funnel.api.schemas import HistoryOut
from funnel.api.values import KPISlug, QueryWeek, Slug, answer_unless_known, number
from funnel.domain.variation import Limits
from funnel.domain.weeks import Week
from funnel.reports.history.over_time import OverTime, Point, build_over_time

MOST_WEEKS = 520

router = Router(tags=["History"])

First = Annotated[QueryWeek | None, Query(None, alias="from", description="The first week.")]
Last = Annotated[QueryWeek | None, Query(None, alias="to", description="The last week.")]


@router.get(
    "/practices/{slug:slug}/kpis/{slug:kpi}/history/",
    response=reading(HistoryOut, known=True),
    operation_id="get_history",
    summary="One number over time, and how it behaves",
    url_name="history",
)
def history(
    request: HttpRequest, slug: Slug, kpi: KPISlug, first: First, last: Last
) -> HttpResponse:
    """The values of each week with its signals, and the natural process limits (XmR) of each
    baseline: raw, so the lower one may be below 0. Without `from` the last 26 weeks that are over,
    and the running one; 520 at most. Weeks before the first number are left out.

    Send the ETag as If-None-Match: while nothing has changed the answer is 304 without a body."""
    check_weeks(first, last)
    seat = seat_of(request)
    today = today_of(request, seat.practice)
    told = build_over_time(seat.practice, kpi, today=today, first=first, last=last)
    if told is None:
        raise Http404("There is no such KPI here.")
    if len(told.points) > MOST_WEEKS:
        raise ValidationError({"from": f"Ask for at most {MOST_WEEKS} weeks at once."})
    return answer_unless_known(request, as_numbers(told))


def check_weeks(first: Week | None, last: Week | None) -> None:
    """Raises ValidationError where the first week is after the last."""
    if first is not None and last is not None and first > last:
        raise ValidationError({"from": "The first week is after the last."})


def as_numbers(told: OverTime) -> dict[str, Any]:
    """The KPI over time as plain data for JSON. No query."""
    return {
        "kpi": told.slug,
        "name": told.name,
        "definition": told.definition,
        "unit": told.unit,
        "direction": told.direction,
        "role": told.role,
        "owner": told.owner,
        "baseline": _state(told.limits),
        "limits": _limits(told.limits),
        "baselines": [
            {
                "begins": str(stretch.begins) if stretch.begins else None,
                "first": stretch.first,
                "last": stretch.last,
                "state": _state(stretch.limits),
                "counted": stretch.limits.count if stretch.limits else 0,
                "limits": _limits(stretch.limits),
            }
            for stretch in told.stretches
        ],
        "weeks": [_week(point) for point in told.points],
    }


def _state(limits: Limits | None) -> str:
    if limits is None:
        return "none"
    return "frozen" if limits.is_frozen else "provisional"


def _limits(limits: Limits | None) -> dict[str, Any] | None:
    if limits is None:
        return None
    return {
        "mean": number(limits.mean),
        "lower": number(limits.lower),
        "upper": number(limits.upper),
        "range_limit": number(limits.range_limit),
    }


def _week(point: Point) -> dict[str, Any]:
    return {
        "week": point.week,
        "value": number(point.value),
        "moved": number(point.moved),
        "target": number(point.target),
        "signals": point.rules,
        "completes": point.fired,
        "is_running": point.is_running,
    }
