import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.reports.meeting.follow_ups import KINDS, OPEN, build_follow_ups
from funnel.views.seated import seated, today_at

MOST_LETTERS = 100


@require_safe
@seated
def follow_ups(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Unknown filters are ignored."""
    text, kpi = _asked(request, "q"), _asked(request, "kpi")
    show = _asked(request, "show")
    page = _asked(request, "page")
    report = build_follow_ups(
        seat,
        today=today_at(seat.practice),
        text=text,
        show=show if show in KINDS else OPEN,
        kpi=kpi,
        page=int(page) if re.fullmatch(r"[1-9][0-9]{0,5}", page) else 1,
    )
    context = {"seat": seat, "report": report, "text": text, "kpi": kpi}
    return render(request, "funnel/follow_ups.html", context)


def _asked(request: HttpRequest, name: str) -> str:
    # PostgreSQL refuses NUL.
    return request.GET.get(name, "").replace("\0", "").strip()[:MOST_LETTERS]
