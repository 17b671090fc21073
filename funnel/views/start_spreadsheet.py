from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from funnel.access import Seat
from funnel.actions import starts
from funnel.forms.start import point_at_error, refuse
from funnel.forms.start_spreadsheet import SpreadsheetForm
from funnel.models import Practice
from funnel.reports.setup.start import build_start
from funnel.views.seated import seated_to_start, today_at


@seated_to_start(Practice.Step.SPREADSHEET)
def start_spreadsheet(request: HttpRequest, seat: Seat) -> HttpResponse:
    practice, today = seat.practice, today_at(seat.practice)
    form = SpreadsheetForm(
        request.POST if request.method == "POST" else None,
        began_on=practice.began_on,
        today=today,
    )
    if request.method == "POST" and request.POST.get("do") != "import":
        starts.go_on(by=seat, to=Practice.Step.SUMMARY)
        return redirect("start-summary", practice.slug)
    if form.is_valid():
        try:
            starts.bring_numbers(by=seat, **form.cleaned_data)
        except ValidationError as refusal:
            refuse(form, refusal)
        else:
            back = urlencode({"next": reverse("start-summary", args=[practice.slug])})
            return redirect(f"{reverse('import', args=[practice.slug])}?{back}")
    point_at_error(form)
    start = build_start(practice, "start-spreadsheet", today=today)
    return render(
        request, "funnel/start_spreadsheet.html", {"seat": seat, "form": form, "start": start}
    )
