from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from funnel.access import Seat
from funnel.actions import meetings
from funnel.domain.weeks import Week
from funnel.reports.board.board import build_board
from funnel.reports.board.snapshot import freeze
from funnel.views.seated import seated_to_run, today_at


@seated_to_run
def meeting_close(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    today = today_at(seat.practice)

    def seen() -> dict[str, Any]:
        return freeze(build_board(seat.practice, week, today=today))

    meetings.close(by=seat, week=week, today=today, seen=seen)
    messages.success(request, f"The meeting of {week.label} is closed.")
    return redirect("recap", seat.practice.slug, week)
