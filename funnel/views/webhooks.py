from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import webhooks as actions
from funnel.forms.webhook import WebhookForm
from funnel.reports.setup.webhooks import list_webhooks
from funnel.views.seated import seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def webhooks(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Admins only. Shows a new secret directly: no URL or session may contain it. Repeating a form
    returns the same.
    """
    require(May.SET_UP_WEBHOOKS, seat)
    made, secret = None, ""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = actions.make(by=seat, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            secret = actions.secret_of(made)
            form = WebhookForm()
    context = {
        "seat": seat,
        "form": form,
        "webhooks": list_webhooks(seat.practice, today=today_at(seat.practice)),
        "made": made,
        "secret": secret,
    }
    return render(request, "funnel/webhooks.html", context)
