from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from funnel.access import Seat
from funnel.actions import baselines
from funnel.domain.weeks import Week
from funnel.views.baseline import stand_of_manager
from funnel.views.seated import seated, today_at


@require_POST
@seated
def end_baseline(request: HttpRequest, seat: Seat, kpi: str) -> HttpResponse:
    today = today_at(seat.practice)
    stand = stand_of_manager(seat, kpi)
    try:
        baselines.end(by=seat, kpi=stand.kpi, from_week=Week.running(today), today=today)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"Baseline of {stand.kpi.name} ended.")
    return redirect("history", seat.practice.slug, kpi)
