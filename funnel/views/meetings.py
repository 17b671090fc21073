from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.reports.meeting.meetings import build_past_meetings, held
from funnel.views.seated import seated

MEETINGS_A_PAGE = 26


@require_safe
@seated
def meetings(request: HttpRequest, seat: Seat) -> HttpResponse:
    page = Paginator(held(seat.practice), MEETINGS_A_PAGE).get_page(request.GET.get("page"))
    end = page.number * MEETINGS_A_PAGE
    shown = build_past_meetings(seat.practice, end - MEETINGS_A_PAGE, end)
    context = {"seat": seat, "page": page, "meetings": shown}
    return render(request, "funnel/meetings.html", context)
