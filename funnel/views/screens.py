from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import screens as actions
from funnel.forms.screen import ScreenForm
from funnel.reports.setup.screens import list_screens
from funnel.views.seated import seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def screens(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Managers only. Shows a new address directly: no URL or session may contain it. Repeating a
    form returns the same.
    """
    require(May.SET_UP_SCREENS, seat)
    today = today_at(seat.practice)
    made, address = None, ""
    form = ScreenForm(request.POST if request.method == "POST" else None, today=today)
    if form.is_valid():
        try:
            made, token = actions.make(by=seat, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            address = request.build_absolute_uri(reverse("tv", args=[token]))
            form = ScreenForm(today=today)
    listed = list_screens(seat.practice, today=today)
    context = {"seat": seat, "form": form, "screens": listed, "made": made, "address": address}
    return render(request, "funnel/screens.html", context)
