from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from funnel.access import Seat
from funnel.actions import practices
from funnel.domain.weeks import Week
from funnel.forms.agenda import AgendaForm
from funnel.views.meeting import meeting_page, told
from funnel.views.seated import seated_to_run, today_at


@seated_to_run
def meeting_agenda(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    form = AgendaForm(request.POST)
    if not form.is_valid():
        return meeting_page(request, seat, week, minutes=form)
    today = today_at(seat.practice)
    try:
        practices.plan(by=seat, week=week, today=today, **form.cleaned_data)
    except ValidationError as refusal:
        told(request, refusal)
    return redirect("meeting", seat.practice.slug, week)
