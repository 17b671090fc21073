from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from funnel.access import Seat
from funnel.actions import invitations, starts
from funnel.forms.start_summary import InviteForm
from funnel.models import Practice
from funnel.reports.setup.start import build_start, first_meeting
from funnel.views.seated import seated_to_start, today_at


@seated_to_start(Practice.Step.SUMMARY)
def start_summary(request: HttpRequest, seat: Seat) -> HttpResponse:
    practice = seat.practice
    start = build_start(practice, "start-summary", today=today_at(practice))
    others = [person for person in start.people if person.user_id != seat.user.pk]
    invited = [person for person in others if person.invited_at is not None]
    form = InviteForm(request.POST if request.method == "POST" else None, invited=invited)
    if form.is_valid():
        if request.POST.get("do") == "invite":
            _invite(request, seat, form)
        starts.finish(by=seat)
        return redirect(practice)
    context = {
        "seat": seat,
        "form": form,
        "start": start,
        "meeting": first_meeting(practice, timezone.now()),
        "to_invite": [person for person in others if person.invited_at is None],
        "invited": invited,
    }
    return render(request, "funnel/start_summary.html", context)


def _invite(request: HttpRequest, seat: Seat, form: InviteForm) -> None:
    invited = invitations.invite_team(by=seat, again=form.chosen)
    if invited:
        names = ", ".join(staff.name for staff in invited)
        messages.success(request, f"An invitation is on its way to {names}.")
