import re

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from funnel.access import Seat
from funnel.actions import attendance
from funnel.domain.weeks import Week
from funnel.models import Staff
from funnel.views.meeting import told
from funnel.views.seated import seated_to_run, today_at


@seated_to_run
def meeting_attendance(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    is_present = "present" in request.POST
    number = request.POST.get("present") or request.POST.get("absent") or ""
    if not re.fullmatch(r"[1-9][0-9]{0,17}", number):
        raise Http404("There is no such person here.")
    staff = get_object_or_404(Staff, pk=int(number), practice=seat.practice)
    today = today_at(seat.practice)
    try:
        attendance.mark(by=seat, week=week, staff=staff, is_present=is_present, today=today)
    except ValidationError as refusal:
        told(request, refusal)
    return redirect("meeting", seat.practice.slug, week)
