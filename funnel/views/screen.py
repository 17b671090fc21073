from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from funnel.access import Seat
from funnel.actions import screens
from funnel.models import Screen
from funnel.views.seated import seated


@require_POST
@seated
def screen(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Switches one of the practice's screens off; others' are not there."""
    if not seat.is_manager:
        raise PermissionDenied("Only a manager of the practice sets up its screens.")
    found = get_object_or_404(Screen, pk=number, practice=seat.practice)
    screens.revoke(by=seat, screen=found)
    messages.success(request, f"{found.name} is switched off. Its address no longer works.")
    return redirect("screens", seat.practice.slug)
