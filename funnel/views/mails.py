from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from funnel.access import Seat
from funnel.actions import staff
from funnel.views.seated import seated

WISHES = {"yes": True, "no": False}
DONE = {
    "yes": "You get the recap of each meeting from now on.",
    "no": "You get no more recaps by mail. Each stands under Past meetings.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def mails(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Which mails of the practice a person gets, and switching the recap on or off."""
    if request.method == "POST":
        wish = request.POST.get("recap", "")
        if wish in WISHES:
            staff.wish_recap(by=seat, wants=WISHES[wish])
            messages.success(request, DONE[wish])
            return redirect("mails", seat.practice.slug)
        messages.error(request, "Choose whether you want the recap.")
    return render(request, "funnel/mails.html", {"seat": seat})
