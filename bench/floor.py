"""The floor: the least a logged-in page of this project can cost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from funnel.access import Seat
from funnel.views.seated import seated


@seated
def floor(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Says who sits where. Three queries with the session's and the user's."""
    return render(request, "floor.html", {"seat": seat})
