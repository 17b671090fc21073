from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import tokens as actions
from funnel.forms.token import TokenForm
from funnel.reports.setup.tokens import list_tokens
from funnel.views.seated import seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def tokens(request: HttpRequest, seat: Seat) -> HttpResponse:
    """One's own, or all for managers. Shows a new token directly: no URL or session may contain it.
    Repeating a form returns the same.
    """
    if request.method == "POST":
        require(May.MAKE_TOKEN, seat)
    today = today_at(seat.practice)
    made, text = None, ""
    may_enter = seat.may_enter_own
    data = request.POST if request.method == "POST" else None
    form = TokenForm(data, today=today, may_enter=may_enter)
    if form.is_valid():
        try:
            made, text = actions.make(by=seat, **{"may_write": False, **form.cleaned_data})
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            form = TokenForm(today=today, may_enter=may_enter)
    context = {
        "seat": seat,
        "form": form if seat.staff else None,
        "tokens": list_tokens(seat, today=today),
        "made": made,
        "text": text,
        "example": request.build_absolute_uri(f"/api/v1/practices/{seat.practice.slug}/"),
    }
    return render(request, "funnel/tokens.html", context)
