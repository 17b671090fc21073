from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.reports.board.board import SPANS, build_board
from funnel.views.seated import seated, today_at
from funnel.views.short_week import short_week_part


@require_safe
@seated
def dashboard(request: HttpRequest, seat: Seat, week: Week | None = None) -> HttpResponse:
    """The funnel dashboard of a week, by default the last one that has ended.

    A week that has not begun, or ended before the practice began, has no page.
    """
    today = today_at(seat.practice)
    if picked := _picked_week(request.GET.get("day", ""), today):
        return redirect("dashboard", seat.practice.slug, picked)
    reporting = Week.reporting(today)
    week = week or reporting
    if week.is_future(today) or not seat.practice.has_begun_by(week):
        raise Http404("There is no such week here.")
    staff_id = seat.staff.pk if seat.staff else None
    span = _span(request.GET.get("weeks", ""))
    board = build_board(seat.practice, week, today=today, staff_id=staff_id, span=span)
    context = {
        "seat": seat,
        **short_week_part(seat, week),
        "board": board,
        "charts": charts.of_board(board),
        "weeks": span,
        "spans": SPANS,
        "previous_week": week.previous if seat.practice.has_begun_by(week.previous) else None,
        "next_week": None if board.is_running else week.next,
        "today_week": reporting,
    }
    return render(request, "funnel/dashboard.html", context)


def _picked_week(day: str, today: date) -> Week | None:
    """The week of a picked day, the running one for a later day; None when no day was picked."""
    try:
        return min(Week.of(date.fromisoformat(day)), Week.running(today))
    except ValueError:
        return None


def _span(text: str) -> int:
    return int(text) if text in {str(span) for span in SPANS} else SPANS[0]
