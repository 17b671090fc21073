from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.forms.reopen import ReopenForm
from funnel.reports.meeting.recap import build_recap
from funnel.views.seated import seated


@require_safe
@seated
def recap(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    return recap_page(request, seat, week, ReopenForm())


def recap_page(request: HttpRequest, seat: Seat, week: Week, reopen: ReopenForm) -> HttpResponse:
    found = build_recap(seat.practice, week)
    if found is None:
        raise Http404("There was no meeting about this week.")
    return render(request, "funnel/recap.html", {"seat": seat, "recap": found, "reopen": reopen})
