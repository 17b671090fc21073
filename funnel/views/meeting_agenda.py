from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from funnel.access import Seat
from funnel.actions import practices
from funnel.domain.weeks import Week
from funnel.forms.agenda import AgendaForm
from funnel.views.meeting import meeting_page
from funnel.views.seated import seated_to_run


@seated_to_run
def meeting_agenda(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    """Sets the minutes that the practice plans for each part of its meetings."""
    form = AgendaForm(request.POST)
    if not form.is_valid():
        return meeting_page(request, seat, week, minutes=form)
    practices.plan(by=seat, **form.cleaned_data)
    return redirect("meeting", seat.practice.slug, week)
