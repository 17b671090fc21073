from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import PlainValidator, WithJsonSchema

from funnel.access import Seat
from funnel.api.answers import reading
from funnel.api.auth import seat_of, today_of
from funnel.api.board_schemas import BoardOut
from funnel.api.values import PathWeek, Slug, answer_unless_known, number
from funnel.domain.status import Difference
from funnel.reports.board.board import SPANS, Board, Trend, build_board
from funnel.reports.board.gap import Gap
from funnel.reports.board.lines import KPILine, StageLine

router = Router(tags=["Board"])


def _span(text: Any) -> int:
    if str(text) not in {str(span) for span in SPANS}:
        raise ValueError("Choose 13, 26 or 52 weeks.")
    return int(text)


Span = Annotated[
    int,
    PlainValidator(_span),
    WithJsonSchema({"type": "integer", "enum": list(SPANS)}),
    Query(SPANS[0], description="How many weeks the trend has."),
]


@router.get(
    "/practices/{slug:slug}/board/{week:week}/",
    response=reading(BoardOut, known=True),
    operation_id="get_board",
    summary="The board of a week",
    url_name="board",
)
def board(request: HttpRequest, slug: Slug, week: PathWeek, weeks: Span) -> HttpResponse:
    """Stages with rates and expected values, the gap and its parts, the biggest leak, missing
    numbers and KPIs without an owner. null is unknown, never 0.

    Send the ETag as If-None-Match: an unchanged board is answered with 304.
    """
    seat = seat_of(request)
    today = today_of(request, seat.practice)
    if week.is_future(today) or not seat.practice.has_begun_by(week):
        raise Http404("There is no such week here.")

    def build() -> dict[str, Any]:
        return as_numbers(build_board(seat.practice, week, today=today, span=weeks), seat)

    return answer_unless_known(request, seat, today, build)


def as_numbers(board: Board, seat: Seat) -> dict[str, Any]:
    """No query."""
    gap = board.gap
    goals = {part.slug: number(part.goal) for part in gap.lines} if gap else {}
    return {
        "practice": board.practice_slug,
        "week": str(board.week),
        "first_day": board.week.monday.isoformat(),
        "last_day": board.week.sunday.isoformat(),
        "currency": board.currency,
        "is_running": board.is_running,
        "is_reporting": board.is_reporting,
        "is_closed": board.is_closed,
        "short": {"days_open": board.days_open, "reason": board.short_because}
        if board.short_because
        else None,
        "outcome": board.outcome,
        "leak": board.leak,
        "stages": [_stage(line, goals.get(line.slug), seat) for line in board.stages],
        "others": [_line(line, seat) for line in board.others],
        "gap": _gap(gap) if gap else None,
        "biggest_leak": _part(gap.biggest) if gap and gap.biggest else None,
        "readiness": {
            "is_ready": not board.missing,
            "entered": len(board.entered) - len(board.missing),
            "of": len(board.entered),
            "missing": [
                {"kpi": line.slug, "name": line.name, "owner": line.owner} for line in board.missing
            ],
        },
        "unowned": [
            {
                "kpi": risk.slug,
                "name": risk.name,
                "role": risk.role,
                "patients": number(risk.patients),
                "money": number(risk.money),
                "is_lost": risk.is_lost,
                "sentence": risk.sentence,
            }
            for risk in board.risks
        ],
        "trend": _trend(board.trend) if board.trend else None,
    }


def _line(line: KPILine, seat: Seat) -> dict[str, Any]:
    return {
        "slug": line.slug,
        "name": line.name,
        "definition": line.definition,
        "role": line.role,
        "owner": line.owner,
        "is_mine": seat.is_staff(line.owner_id),
        "unit": line.unit,
        "value": number(line.value),
        "target": number(line.target),
        "status": line.status.value,
        "last_week": number(line.last_week),
        "change": _change(line.change),
        "average": number(line.average),
        "signals": [rule.value for rule in line.signals],
        "verdict": line.verdict.value if line.verdict else None,
        "usual_low": number(line.low),
        "usual_high": number(line.high),
        "since": str(line.since) if line.since else None,
        "is_news": line.is_news,
        "is_calculated": line.is_calculated,
        "is_corrected": line.is_corrected,
        "seen_value": number(line.seen_value),
    }


def _stage(line: StageLine, expected: float | int | None, seat: Seat) -> dict[str, Any]:
    judged = line.judgement
    return {
        **_line(line, seat),
        "place": line.place,
        "rate_of_previous": number(line.of_previous),
        "rate_of_first": number(line.of_first),
        "rate_change": _change(line.rate_change),
        "pooled_rate": number(judged.usual_rate) if judged else None,
        "usual": {
            "verdict": judged.verdict.value,
            "low": judged.low,
            "high": judged.high,
            "weeks": judged.weeks_counted,
            "reason": judged.reason,
        }
        if judged
        else None,
        "expected": expected,
    }


def _change(change: Difference | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {"difference": number(change.difference), "fraction": number(change.fraction)}


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "expected": number(gap.expected),
        "actual": number(gap.actual),
        "total": number(gap.total),
        "expected_money": number(gap.expected_money),
        "total_money": number(gap.total_money),
        "told_from": "targets" if gap.is_from_targets else "history",
        "parts": [{**_part(line), "is_biggest": line.is_biggest} for line in gap.lines],
    }


def _part(line: Any) -> dict[str, Any]:
    return {
        "kpi": line.slug,
        "name": line.name,
        "role": line.role,
        "owner": line.owner,
        "patients": number(line.patients),
        "money": number(line.money),
    }


def _trend(trend: Trend) -> dict[str, Any]:
    return {
        "weeks": [str(week) for week in trend.weeks],
        "running": None if trend.running is None else str(trend.weeks[trend.running]),
        "series": [
            {
                "kpi": drawn.slug,
                "values": [number(value) for value in drawn.values],
                "targets": [number(target) for target in drawn.targets],
            }
            for drawn in trend.series
        ],
    }
