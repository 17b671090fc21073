from django.http import Http404, HttpRequest, HttpResponse

from funnel.access import Seat
from funnel.views.seated import seated


@seated
def baseline(request: HttpRequest, seat: Seat, kpi: str) -> HttpResponse:
    """Not there yet."""
    raise Http404("Not there yet.")
