from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from funnel.actions import addresses
from funnel.forms.address import AddressForm


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def address(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            addresses.ask(
                by=request.user,  # type: ignore[arg-type]
                email=form.cleaned_data["new_email"],
                now=timezone.now(),
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "We sent two mails: one to each address.")
            return redirect("address")
    waiting = addresses.waiting(request.user, timezone.now())  # type: ignore[arg-type]
    context = {"seat": None, "form": form, "waiting": waiting}
    return render(request, "funnel/address.html", context)
