from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from funnel.access import Seat
from funnel.actions import calendars, staff
from funnel.forms.mails import RemindersForm
from funnel.forms.secret import INCOMPLETE, OnceForm
from funnel.reports.meeting.calendar import calendar_of
from funnel.views.seated import seated, today_at

WISHES = {"yes": True, "no": False}
DONE = {
    "yes": "You get the recap of each meeting from now on.",
    "no": "You get no more recaps by mail. Each stands under Past meetings.",
    "both": "You get two reminders before a meeting while a number of yours is missing.",
    "last": "You get the last reminder before a meeting, and not the first.",
    "none": "You get no more reminders. Your numbers are still yours to bring.",
    "revoke": "Your calendar’s address no longer works.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def mails(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Shows a new address directly: no URL or session may contain it. Repeating a form returns the
    same.
    """
    if request.method != "POST":
        return _page(request, seat)
    answers: dict[str, Callable[[HttpRequest, Seat], HttpResponse]] = {
        "wish": _remind,
        "calendar": _calendar,
    }
    asked = next((name for name in answers if name in request.POST), None)
    return answers[asked](request, seat) if asked else _recap(request, seat)


def _recap(request: HttpRequest, seat: Seat) -> HttpResponse:
    wish = request.POST.get("recap", "")
    if wish in WISHES:
        staff.wish_recap(by=seat, wants=WISHES[wish])
        return _done(request, seat, wish)
    messages.error(request, "Choose whether you want the recap.")
    return _page(request, seat)


def _remind(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = RemindersForm(request.POST)
    if form.is_valid():
        wish = form.cleaned_data["reminders"]
        staff.wish_reminders(by=seat, wish=wish)
        return _done(request, seat, wish)
    return _page(request, seat, reminders=form)


def _calendar(request: HttpRequest, seat: Seat) -> HttpResponse:
    if request.POST["calendar"] == "revoke":
        calendars.revoke(by=seat)
        return _done(request, seat, "revoke")
    form = OnceForm(request.POST)
    if not form.is_valid():
        messages.error(request, INCOMPLETE)
        return _page(request, seat)
    try:
        token = calendars.make(by=seat, once=form.cleaned_data["once"])
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return _page(request, seat)
    address = request.build_absolute_uri(reverse("calendar", args=[token]))
    return _page(request, seat, address=address)


def _done(request: HttpRequest, seat: Seat, what: str) -> HttpResponse:
    messages.success(request, DONE[what])
    return redirect("mails", seat.practice.slug)


def _page(
    request: HttpRequest, seat: Seat, *, reminders: RemindersForm | None = None, address: str = ""
) -> HttpResponse:
    wish = seat.staff.reminders if seat.staff else None
    context = {
        "seat": seat,
        "reminders": reminders or RemindersForm(initial={"reminders": wish}),
        "calendar": calendar_of(seat, today=today_at(seat.practice)),
        "form": OnceForm(),
        "address": address,
    }
    return render(request, "funnel/mails.html", context)
