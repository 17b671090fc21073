from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from funnel.access import Seat
from funnel.views.seated import seated


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def spreadsheet(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Takes a spreadsheet with the practice's numbers, and lists what was imported; managers
    only."""
    if not seat.is_manager:
        raise PermissionDenied("Only a manager imports numbers.")
    return render(request, "funnel/spreadsheet.html", {"seat": seat})
