from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from funnel.access import Seat
from funnel.actions import starts
from funnel.forms.start import point_at_error, refuse
from funnel.forms.start_targets import TargetsForm
from funnel.models import Practice
from funnel.reports.setup.start import build_start
from funnel.views.seated import seated_to_start, today_at


@seated_to_start(Practice.Step.TARGETS)
def start_targets(request: HttpRequest, seat: Seat) -> HttpResponse:
    if request.POST.get("do") == "without":
        starts.go_on(by=seat, to=Practice.Step.SPREADSHEET)
        return redirect("start-spreadsheet", seat.practice.slug)
    today = today_at(seat.practice)
    start = build_start(seat.practice, "start-targets", today=today)
    kpis = {duty.kpi.slug: duty.kpi for duty in start.duties}
    targets = {duty.kpi: duty.target for duty in start.duties}
    posted = request.POST if request.method == "POST" else None
    form = TargetsForm(posted, targets=targets, currency=seat.practice.currency)
    if form.is_valid():
        values = {kpis[slug]: value for slug, value in form.cleaned_data.items()}
        try:
            starts.aim(by=seat, values=values, today=today)
        except ValidationError as refusal:
            refuse(form, refusal)
        else:
            return redirect("start-spreadsheet", seat.practice.slug)
    point_at_error(form)
    return render(
        request, "funnel/start_targets.html", {"seat": seat, "form": form, "start": start}
    )
