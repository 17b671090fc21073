from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from funnel.access import Entrance, all_entrances
from funnel.domain.weeks import Week, local_today
from funnel.models import Practice
from funnel.parts import PartKey, RenderedPart, known, store
from funnel.reports.board.board import build_boards
from funnel.reports.setup.start import awaited_meeting

PRACTICES_A_PAGE = 50


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Redirects to the dashboard of a sole practice."""
    every = all_entrances(request.user)  # type: ignore[arg-type]
    entrances = [it for it in every if it.is_open]
    invitations = [it for it in every if not it.is_open]
    if len(entrances) == 1 and not invitations:
        return redirect("dashboard", entrances[0].slug)
    page = Paginator(entrances, PRACTICES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "seat": None,
        "practices": _practices(list(page)),
        "page": page,
        "invitations": invitations,
    }
    return render(request, "funnel/group.html", context)


def _practices(entrances: Sequence[Entrance]) -> list[SafeString]:
    """Three to five queries if not cached."""
    now = timezone.now()
    keys = [
        PartKey(
            part="practice",
            practice_id=it.practice_id,
            version=it.version,
            day=local_today(now, it.time_zone),
            about="",
            query="",
            rights=it.rights,
        )
        for it in entrances
    ]
    parts = [known(key) for key in keys]
    missing = [place for place, part in enumerate(parts) if part is None]
    practices = Practice.objects.in_bulk([keys[place].practice_id for place in missing])
    asked = [(practices[keys[place].practice_id], keys[place].day) for place in missing]
    awaited = [awaited_meeting(practice, day) for practice, day in asked]
    boards = build_boards(
        [
            (practice, Week.running(day) if first else Week.reporting(day), day)
            for (practice, day), first in zip(asked, awaited, strict=True)
        ]
    )
    for place, board, first in zip(missing, boards, awaited, strict=True):
        context = {"board": board, "first": first}
        parts[place] = part = RenderedPart.of(context, board="funnel/parts/practice.html")
        store(keys[place], part)
    return [part.texts["board"] for part in parts if part is not None]
