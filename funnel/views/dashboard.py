from collections.abc import Sequence
from datetime import date
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.parts import PartKey, RenderedPart, place, rendered
from funnel.reports.board.board import SPANS, MissingKPI, build_board, missing_of
from funnel.reports.setup.start import awaited_meeting
from funnel.views.seated import own_numbers, seated, today_at
from funnel.views.short_week import short_week_part


@require_safe
@seated
def dashboard(request: HttpRequest, seat: Seat, week: Week | None = None) -> HttpResponse:
    today = today_at(seat.practice)
    if picked := _picked_week(request.GET.get("day", ""), today):
        return redirect("dashboard", seat.practice.slug, picked)
    if week and (week.is_future(today) or not seat.practice.has_begun_by(week)):
        raise Http404("There is no such week here.")
    week = week or _default_week(seat, today)
    span = _span(request.GET.get("weeks", ""))
    key = PartKey.of("dashboard", seat, day=today, about=week, query=f"weeks={span}")
    part = rendered(key, partial(_render, seat, week, today, span))
    missing: Sequence[MissingKPI] = part.facts
    own = own_numbers(seat, today) if missing else frozenset()
    mine = [number for number in missing if number.slug in own]
    token = get_token(request)
    texts = part.filled(
        csrf=token,
        mine=_mine(seat, week, mine) if missing else "",
        next=render_to_string("funnel/parts/first_step.html", {"seat": seat, "mine": mine}),
    )
    context = {"seat": seat, "week": week, "csrf_token": token, **texts}
    return render(request, "funnel/dashboard.html", context)


def _render(seat: Seat, week: Week, today: date, span: int) -> RenderedPart:
    board = build_board(seat.practice, week, today=today, span=span)
    first = awaited_meeting(seat.practice, today)
    is_first_day = first and all(line.value is None for line in board.lines)
    context = {
        "seat": seat,
        **short_week_part(seat, week, is_short=board.days_open is not None),
        "board": board,
        "first": first,
        "charts": charts.of_board(board),
        "weeks": span,
        "spans": SPANS,
        "previous_week": week.previous if seat.practice.has_begun_by(week.previous) else None,
        "next_week": None if board.is_running else week.next,
        "today_week": _default_week(seat, today),
        "mine_place": place("mine"),
        "next_place": place("next"),
    }
    return RenderedPart.of(
        context,
        facts=missing_of(board),
        nav="funnel/parts/week_nav.html",
        board=f"funnel/parts/{'first_day' if is_first_day else 'dashboard_board'}.html",
        data="funnel/parts/dashboard_data.html",
    )


def _mine(seat: Seat, week: Week, mine: Sequence[MissingKPI]) -> str:
    if not seat.may_enter_own:
        return ""
    context = {"seat": seat, "week": week, "mine": mine}
    return render_to_string("funnel/parts/mine.html", context)


def _default_week(seat: Seat, today: date) -> Week:
    reporting = Week.reporting(today)
    return reporting if seat.practice.has_begun_by(reporting) else Week.running(today)


def _picked_week(day: str, today: date) -> Week | None:
    try:
        return min(Week.of(date.fromisoformat(day)), Week.running(today))
    except ValueError:
        return None


def _span(text: str) -> int:
    return int(text) if text in {str(span) for span in SPANS} else SPANS[0]
