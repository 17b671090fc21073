from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from funnel.access import May, Seat, require
from funnel.actions import screens
from funnel.models import Screen
from funnel.views.seated import seated


@require_POST
@seated
def screen(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Revoke a screen of the practice."""
    require(May.SET_UP_SCREENS, seat)
    found = get_object_or_404(Screen, pk=number, practice=seat.practice)
    screens.revoke(by=seat, screen=found)
    messages.success(request, f"{found.name} is revoked. Its address no longer works.")
    return redirect("screens", seat.practice.slug)
