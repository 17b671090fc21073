from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from funnel.access import Seat
from funnel.actions import tokens
from funnel.models import ApiToken
from funnel.views.seated import seated


@require_POST
@seated
def token(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Revoke one's own token, or any for managers; others are 404."""
    found = ApiToken.objects.filter(pk=number, practice=seat.practice).first()
    if found is None or not seat.may_revoke(found):
        raise Http404("There is no such token here.")
    tokens.revoke(by=seat, token=found)
    messages.success(request, f"{found.name} is revoked. It no longer works.")
    return redirect("tokens", seat.practice.slug)
