from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.reports.setup.responsibilities import build_responsibilities
from funnel.views.seated import seated, today_at


@require_safe
@seated
def responsibilities(request: HttpRequest, seat: Seat) -> HttpResponse:
    report = build_responsibilities(seat.practice, today=today_at(seat.practice))
    return render(request, "funnel/responsibilities.html", {"seat": seat, "report": report})
