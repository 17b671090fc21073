from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.reports.board.seen_board import build_seen_board
from funnel.views.seated import seated


@require_safe
@seated
def seen_board(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    seen = build_seen_board(seat.practice, week)
    if seen is None:
        raise Http404("No board was stored for this week.")
    context = {
        "seat": seat,
        "seen": seen,
        "board": seen.board,
        "charts": charts.of_board(seen.board),
    }
    return render(request, "funnel/seen_board.html", context)
