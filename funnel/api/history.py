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
from funnel.reports.series.over_time import OverTime, Point, build_over_time, is_fixed

MOST_WEEKS = 520

router = Router(tags=["History"])

First = Annotated[QueryWeek | None, Query(None, alias="from", description="The first week.")]
Last = Annotated[QueryWeek | None, Query(None, alias="to", description="The last week.")]


@router.get(
    "/practices/{slug:slug}/kpis/{slug:kpi}/history/",
    response=reading(HistoryOut, known=True),
    operation_id="get_history",
    summary="One number over time",
    url_name="history",
)
def history(
    request: HttpRequest, slug: Slug, kpi: KPISlug, first: First, last: Last
) -> HttpResponse:
    """Weekly values with usual range (XmR limits from earlier weeks, raw: the lower may be below
    0), verdict and signals. By default the last 26 finished weeks and the running one; at most 520,
    from the first number on.

    Send the ETag as If-None-Match: an unchanged history is answered with 304.
    """
    check_weeks(first, last)
    seat = seat_of(request)
    today = today_of(request, seat.practice)

    def build() -> dict[str, Any]:
        over = build_over_time(seat.practice, kpi, today=today, first=first, last=last)
        if over is None:
            raise Http404("There is no such KPI here.")
        if len(over.points) > MOST_WEEKS:
            raise ValidationError({"from": f"Ask for at most {MOST_WEEKS} weeks at once."})
        return as_numbers(over)

    return answer_unless_known(request, seat, today, build)


def check_weeks(first: Week | None, last: Week | None) -> None:
    """Raises ValidationError."""
    if first is not None and last is not None and first > last:
        raise ValidationError({"from": "The first week is after the last."})


def as_numbers(over: OverTime) -> dict[str, Any]:
    """No query."""
    kpi, latest = over.kpi, over.latest
    return {
        "kpi": kpi.slug,
        "name": kpi.name,
        "definition": kpi.definition,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "role": kpi.role,
        "owner": over.owner.name if over.owner else None,
        "baseline": _state(over.limits, is_fixed=latest is not None and is_fixed(latest)),
        "limits": _limits(over.limits),
        "baselines": [
            {
                "begins": str(stretch.begins) if stretch.begins else None,
                "first": str(stretch.first),
                "last": str(stretch.last),
                "state": _state(stretch.limits, is_fixed=stretch.is_fixed),
                "counted": stretch.limits.count if stretch.limits else 0,
                "limits": _limits(stretch.limits),
            }
            for stretch in over.stretches
        ],
        "weeks": [_week(point) for point in over.points],
    }


def _state(limits: Limits | None, *, is_fixed: bool) -> str:
    if limits is None:
        return "none"
    return "frozen" if is_fixed else "provisional"


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
    limits = point.limits
    return {
        "week": str(point.week),
        "value": number(point.value),
        "moved": number(point.moved),
        "target": number(point.target),
        "signals": [rule.value for rule in point.rules],
        "completes": [rule.value for rule in point.fired],
        "is_running": point.is_running,
        "verdict": point.verdict.value if point.verdict else None,
        "usual": {"low": number(limits.lower), "high": number(limits.upper)} if limits else None,
        "since": str(point.since) if point.since else None,
        "is_news": point.is_news,
        "is_short": point.short is not None,
    }
