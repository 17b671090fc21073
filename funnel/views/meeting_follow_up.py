from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from funnel.access import Seat
from funnel.actions import follow_ups
from funnel.domain.weeks import Week
from funnel.forms.follow_up import FollowUpForm
from funnel.views.meeting import meeting_page
from funnel.views.seated import seated_to_run, today_at


@seated_to_run
def meeting_follow_up(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    form = FollowUpForm(request.POST, practice=seat.practice, today=today_at(seat.practice))
    if form.is_valid():
        try:
            made = follow_ups.promise(by=seat, week=week, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"{made.owner.name}: {made.text}")
            return redirect("meeting", seat.practice.slug, week)
    return meeting_page(request, seat, week, follow_up=form)
