from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, Standing, require, take_stand
from funnel.actions import baselines
from funnel.forms.baseline import BaselineForm
from funnel.views.history import history_page
from funnel.views.seated import seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def baseline(request: HttpRequest, seat: Seat, kpi: str) -> HttpResponse:
    """A refused form is shown on the KPI's page."""
    today = today_at(seat.practice)
    stand = stand_of_manager(seat, kpi)
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
            messages.success(request, f"Baseline of {stand.kpi.name} set from {week}.")
            return redirect("history", seat.practice.slug, kpi)
    return history_page(request, seat, kpi, refused=form)


def stand_of_manager(seat: Seat, kpi: str) -> Standing:
    """Raises Http404, PermissionDenied."""
    stand = take_stand(seat, kpi, today_at(seat.practice))
    if stand is None:
        raise Http404("There is no such KPI here.")
    require(May.SET_BASELINE, seat)
    return stand
