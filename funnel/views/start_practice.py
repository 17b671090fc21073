from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from funnel.access import Seat
from funnel.actions import practices
from funnel.forms.start import PracticeForm, point_at_error, refuse
from funnel.models import Practice
from funnel.reports.setup.start import build_start
from funnel.views.seated import seated_to_start, today_at


@seated_to_start(Practice.Step.WHO)
def start_practice(request: HttpRequest, seat: Seat) -> HttpResponse:
    today = today_at(seat.practice)
    start = build_start(seat.practice, "start-practice", today=today)
    posted = request.POST if request.method == "POST" else None
    form = PracticeForm(posted, practice=seat.practice, value=start.value)
    if form.is_valid():
        try:
            practices.change(by=seat, today=today, **form.cleaned_data)
        except ValidationError as refusal:
            refuse(form, refusal)
        else:
            return redirect("start-who", seat.practice.slug)
    point_at_error(form)
    return render(
        request, "funnel/start_practice.html", {"seat": seat, "form": form, "start": start}
    )
