from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.domain.weeks import Week
from funnel.forms.reopen import ReopenForm
from funnel.views.recap import recap_page
from funnel.views.seated import seated

OPEN = "{} is reopened: correct its numbers, then close the meeting again."


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def meeting_reopen(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    """A refused form is shown on the recap."""
    require(May.REOPEN_WEEK, seat)
    if request.method != "POST":
        return redirect("recap", seat.practice.slug, week)
    form = ReopenForm(request.POST)
    if form.is_valid():
        meetings.reopen(by=seat, week=week, **form.cleaned_data)
        messages.success(request, OPEN.format(week.label))
        return redirect("meeting", seat.practice.slug, week)
    return recap_page(request, seat, week, form)
