from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_http_methods

from funnel.access import Seat
from funnel.actions import meetings
from funnel.actions.refusals import Busy
from funnel.domain.weeks import Week
from funnel.reports.meeting.state import build_state
from funnel.views.meeting import told
from funnel.views.seated import check_week, seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def meeting_state(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    """Whether something has changed since: the stamp for other screens, 304 to whoever knows it.

    A manager's POST sets the clock: `do` is start, pause, resume, or the part to go to.
    """
    check_week(seat, week)
    if request.method == "POST":
        return _set_clock(request, seat, week)
    state = build_state(seat.practice, week, now=timezone.now())
    response = JsonResponse({"stamp": state.stamp})
    etag = quote_etag(state.stamp)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    known = get_conditional_response(request, etag=etag, response=response)
    return known or response


def _set_clock(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    if not seat.is_manager:
        raise PermissionDenied("Only a manager runs the meeting.")
    today = today_at(seat.practice)
    what = request.POST.get("do", "")
    verbs = {"start": meetings.start, "pause": meetings.pause, "resume": meetings.resume}
    try:
        if what in verbs:
            verbs[what](by=seat, week=week, today=today)
        else:
            meetings.turn_to(by=seat, week=week, part=what, today=today)
    except (ValidationError, Busy) as refusal:
        told(request, refusal)
    return redirect("meeting", seat.practice.slug, week)
