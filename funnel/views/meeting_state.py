from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import quote_etag
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.domain.weeks import Week
from funnel.etags import tagged
from funnel.views.meeting import stamp_of, told
from funnel.views.seated import check_week, seated, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def meeting_state(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    """Polled by screens: no query but the seat's. A manager's POST sets the clock."""
    check_week(seat, week)
    if request.method == "POST":
        return _set_clock(request, seat, week)
    stamp = stamp_of(seat)
    response = JsonResponse({"stamp": stamp}, headers={"Cache-Control": "private, no-cache"})
    return tagged(request, response, quote_etag(stamp))


def _set_clock(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    require(May.RUN_MEETING, seat)
    today = today_at(seat.practice)
    what = request.POST.get("do", "")
    verbs = {"start": meetings.start, "pause": meetings.pause, "resume": meetings.resume}
    try:
        if what in verbs:
            verbs[what](by=seat, week=week, today=today)
        else:
            meetings.turn_to(by=seat, week=week, part=what, today=today)
    except ValidationError as refusal:
        told(request, refusal)
    return redirect("meeting", seat.practice.slug, week)
