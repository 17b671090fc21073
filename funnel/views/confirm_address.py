from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from funnel.actions import addresses
from funnel.views.tv import UNSEEN


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """GET only shows a button: mail scanners follow links."""
    found = addresses.find(token)
    if found is None:
        raise Http404("This link is invalid, or older than a day.")
    change, mailbox = found
    context = {"change": change, "is_new": mailbox == "new", "is_confirmed": False, "refusal": ""}
    status = 200
    if request.method == "POST":
        try:
            context["change"] = addresses.confirm(
                change=change, mailbox=mailbox, now=timezone.now()
            )
            context["is_confirmed"] = True
        except ValidationError as refusal:
            context["refusal"], status = " ".join(refusal.messages), 409
    response = render(request, "funnel/confirm_address.html", context, status=status)
    for name, value in (UNSEEN | {"Referrer-Policy": "strict-origin"}).items():
        response.headers[name] = value
    return response
