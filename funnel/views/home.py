from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from funnel.access import Seat, all_seats
from funnel.domain.weeks import Week
from funnel.parts import Part, PartKey, known, store
from funnel.reports.board.board import build_boards
from funnel.reports.setup.start import awaited_meeting
from funnel.views.seated import today_at

PRACTICES_A_PAGE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The overview of someone's practices; of only one, its dashboard."""
    seats = all_seats(request.user)  # type: ignore[arg-type]
    if len(seats) == 1:
        return redirect(seats[0].practice)
    page = Paginator(seats, PRACTICES_A_PAGE).get_page(request.GET.get("page"))
    context = {"seat": None, "practices": _practices(list(page)), "page": page}
    return render(request, "funnel/group.html", context)


def _practices(seats: Sequence[Seat]) -> list[SafeString]:
    """The overview of each practice, for everyone of its team the same. Two queries for those that
    are not stored, none where all are."""
    days = {seat.practice.pk: today_at(seat.practice) for seat in seats}
    keys = [PartKey.of("practice", seat, day=days[seat.practice.pk]) for seat in seats]
    parts = [known(key) for key in keys]
    missing = [place for place, part in enumerate(parts) if part is None]
    asked = [(seats[place].practice, days[seats[place].practice.pk]) for place in missing]
    awaited = [awaited_meeting(practice, day) for practice, day in asked]
    boards = build_boards(
        [
            (practice, Week.running(day) if first else Week.reporting(day), day)
            for (practice, day), first in zip(asked, awaited, strict=True)
        ]
    )
    for place, board, first in zip(missing, boards, awaited, strict=True):
        context = {"board": board, "first": first}
        parts[place] = part = Part.of(context, board="funnel/parts/practice.html")
        store(keys[place], part)
    return [part.texts["board"] for part in parts if part is not None]
