from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from funnel.access import all_seats
from funnel.domain.weeks import Week
from funnel.reports.board.board import build_boards
from funnel.views.seated import today_at

PRACTICES_A_PAGE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The overview of someone's practices; of only one, its dashboard."""
    seats = all_seats(request.user)  # type: ignore[arg-type]
    if len(seats) == 1:
        return redirect(seats[0].practice)
    page = Paginator(seats, PRACTICES_A_PAGE).get_page(request.GET.get("page"))
    asked = []
    for seat in page:
        today = today_at(seat.practice)
        asked.append((seat.practice, Week.reporting(today), today))
    context = {"seat": None, "boards": build_boards(asked), "page": page}
    return render(request, "funnel/group.html", context)
