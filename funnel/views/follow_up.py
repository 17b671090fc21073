from django.http import Http404, HttpRequest, HttpResponse

from funnel.access import Seat
from funnel.views.seated import seated


@seated
def follow_up(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Not there yet."""
    raise Http404("Not there yet.")
