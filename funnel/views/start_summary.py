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
    """What the start has settled, and the invitations; sending them ends it."""
    practice = seat.practice
    start = build_start(practice, "start-summary", today=today_at(practice))
    others = [person for person in start.people if person.user_id != seat.user.pk]
    invited = [person for person in others if person.invited_at is not None]
    form = InviteForm(request.POST if request.method == "POST" else None, invited=invited)
    if form.is_valid():
        if _done(request, seat, form):
            starts.finish(by=seat)
            return redirect(practice)
        return redirect("start-summary", practice.slug)
    context = {
        "seat": seat,
        "form": form,
        "start": start,
        "meeting": first_meeting(practice, timezone.now()),
        "to_invite": [person for person in others if person.invited_at is None],
        "invited": invited,
    }
    return render(request, "funnel/start_summary.html", context)


def _done(request: HttpRequest, seat: Seat, form: InviteForm) -> bool:
    """Whether everyone who was to get a mail has one. Says to whom it went."""
    if request.POST.get("do") != "invite":
        return True
    posted = invitations.invite_team(by=seat, again=form.chosen)
    if posted.told:
        messages.success(request, f"Invited by mail: {', '.join(posted.told)}.")
    if posted.refused:
        names = ", ".join(posted.refused)
        messages.error(request, f"The mail to {names} could not be sent. Try again in a minute.")
    return not posted.refused
