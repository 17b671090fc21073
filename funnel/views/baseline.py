from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from funnel.access import Seat, take_stand
from funnel.actions import baselines
from funnel.forms.baseline import BaselineForm
from funnel.views.history import history_page
from funnel.views.seated import seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def baseline(request: HttpRequest, seat: Seat, kpi: str) -> HttpResponse:
    """Begins a new baseline; a refused one is shown again with its sentence, what was typed kept.
    Reading this address leads to the KPI's page."""
    today = today_at(seat.practice)
    stand = take_stand(seat, kpi, today)
    if stand is None:
        raise Http404("There is no such KPI here.")
    if not seat.is_manager:
        raise PermissionDenied("Only a manager begins a new baseline.")
    if request.method != "POST":
        return redirect("history", seat.practice.slug, kpi)
    form = BaselineForm(request.POST)
    if form.is_valid():
        try:
            baselines.begin(by=seat, kpi=stand.kpi, today=today, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            week = form.cleaned_data["from_week"].label
            messages.success(request, f"A new baseline of {stand.kpi.name} begins with {week}.")
            return redirect("history", seat.practice.slug, kpi)
    return history_page(request, seat, kpi, refused=form)
