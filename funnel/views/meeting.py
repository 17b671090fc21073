from django.http import Http404, HttpRequest, HttpResponse

from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.views.seated import seated


@seated
def meeting(request: HttpRequest, seat: Seat, week: Week | None = None) -> HttpResponse:
    """Not there yet."""
    raise Http404("Not there yet.")
