import re
import secrets

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import webhooks as actions
from funnel.models import Webhook
from funnel.reports.setup.webhooks import latest_calls
from funnel.views.seated import seated

ONCE_BYTES = 16
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
UNKNOWN = "Choose what is to be done with this webhook."
NOT_GIVEN_UP = "That message did not fail, so it is not sent again."


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def webhook(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """`do` tests it, repeats a message or revokes it."""
    require(May.SET_UP_WEBHOOKS, seat)
    found = get_object_or_404(Webhook, pk=number, practice=seat.practice)
    if request.method == "POST":
        try:
            _do(request, seat, found)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("webhook", seat.practice.slug, number)
    context = {
        "seat": seat,
        "webhook": found,
        "calls": latest_calls(found),
        "once": secrets.token_urlsafe(ONCE_BYTES),
    }
    return render(request, "funnel/webhook.html", context)


def _do(request: HttpRequest, seat: Seat, found: Webhook) -> None:
    what = request.POST.get("do", "")
    if what == "off":
        actions.revoke(by=seat, webhook=found)
        messages.success(request, "Revoked. This address is told nothing any more.")
    elif what == "test":
        actions.test(by=seat, webhook=found, once=request.POST.get("once", ""))
        messages.success(request, "A test is on its way. It is sent within a minute.")
    elif what == "again":
        number = request.POST.get("message", "")
        is_number = NUMBER.fullmatch(number)
        if not (is_number and actions.again(by=seat, webhook=found, number=int(number))):
            raise ValidationError(NOT_GIVEN_UP)
        messages.success(request, "It is sent again within a minute.")
    else:
        raise ValidationError(UNKNOWN)
