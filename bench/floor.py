"""The cheapest possible logged-in page, now and as it was."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from funnel.access import Seat, _practices_with_place, _seat
from funnel.views.seated import seated


@seated
def floor(request: HttpRequest, seat: Seat) -> HttpResponse:
    """One query, including session and user."""
    return render(request, "floor.html", {"seat": seat})


@login_not_required
def old_floor(request: HttpRequest, slug: str) -> HttpResponse:
    """Separate querysets, SQLite's file reopened. The limits of docs/adr/0023 are multiples of this
    page."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        connection.close()
    if not request.user.is_authenticated:
        raise PermissionDenied
    practice = _practices_with_place(request.user).filter(slug=slug).first()
    if practice is None:
        raise PermissionDenied
    seat = _seat(request.user, practice, practice.place)
    return render(request, "floor.html", {"seat": seat})
