from datetime import date, datetime
from functools import partial
from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from funnel import charts, limits
from funnel.access import authenticate_screen
from funnel.actions import secrets
from funnel.domain.weeks import Week, local_today
from funnel.etags import etag_of, tagged, unchanged
from funnel.models import Practice, Screen
from funnel.parts import PartKey, RenderedPart, rendered
from funnel.reports.board.board import build_board
from funnel.reports.setup.screens import build_wall
from funnel.reports.setup.start import awaited_meeting

# From one address in a minute. A right token is served whatever its neighbours type: a whole
# practice has one address.
WRONG = limits.Limit("wrong-screens", most=20, seconds=60)
# So many stages have room side by side.
ROOM = 3
UNSEEN = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@login_not_required
@require_safe
def tv(request: HttpRequest, token: str) -> HttpResponse:
    """The last completed week's board, without signing in.

    304 if unchanged, with only the screen's query; 404 for invalid tokens, 429 after twenty.
    """
    now = timezone.now()
    screen = authenticate_screen(token, now)
    if screen is None:
        response = wrong_address(request, WRONG, now)
    else:
        secrets.note_use(screen, now)
        response = _wall(request, screen, now)
    for name, value in UNSEEN.items():
        response.headers[name] = value
    return response


def _wall(request: HttpRequest, screen: Screen, now: datetime) -> HttpResponse:
    today = local_today(now, screen.practice.time_zone)
    version: int = screen.version_number  # type: ignore[attr-defined]
    etag = etag_of("wall", screen.pk, version, today)
    return unchanged(request, etag) or tagged(request, _board(request, screen, today), etag)


def _board(request: HttpRequest, screen: Screen, today: date) -> HttpResponse:
    practice, week = screen.practice, Week.reporting(today)
    key = PartKey(
        part="wall",
        practice_id=practice.pk,
        version=screen.version_number,  # type: ignore[attr-defined]
        day=today,
        about=str(week),
        query=f"names={screen.shows_names}",
        rights="screen",
    )
    part = rendered(key, partial(_render, practice, week, today, shows_names=screen.shows_names))
    context = {"practice": practice, "week": week, "has_many_stages": part.facts, **part.filled()}
    return render(request, "funnel/tv.html", context)


def _render(practice: Practice, week: Week, today: date, *, shows_names: bool) -> RenderedPart:
    """Shared by screens; the fact is whether stages exceed one row."""
    board = build_board(practice, week, today=today)
    drawn = charts.of_board(board)
    wall = build_wall(board, time_zone=practice.time_zone, shows_names=shows_names)
    context = {
        "wall": wall,
        "first": awaited_meeting(practice, today),
        "charts": {"funnel": drawn["funnel"], "gap": drawn["gap"]},
    }
    return RenderedPart.of(context, facts=len(wall.stages) > ROOM, wall="funnel/parts/wall.html")


def unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 for a matching ETag."""
    etag = quote_etag(sha256(response.content).hexdigest())
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def wrong_address(request: HttpRequest, limit: limits.Limit, now: datetime) -> HttpResponse:
    """404, 429 beyond the limit."""
    wait = limits.count(limit, limits.address_of(request), now)
    if wait is not None:
        sentence = "Too many wrong addresses. Wait a minute."
        headers = {"Retry-After": str(wait)}
        return HttpResponse(sentence, "text/plain", status=429, headers=headers)
    return render(request, "404.html", status=404)
