from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.forms.scorecard import WEEK, ScorecardQuery
from funnel.parts import PartKey, RenderedPart, rendered
from funnel.reports.scorecard.periods import PeriodScorecard, build_period_scorecard
from funnel.reports.scorecard.scorecard import Scorecard, build_scorecard
from funnel.views.seated import own_numbers, seated, today_at


@require_safe
@seated
def scorecard(request: HttpRequest, seat: Seat) -> HttpResponse:
    today = today_at(seat.practice)
    asked = ScorecardQuery.of(request.GET)
    # Managers may enter every number.
    is_shared = seat.is_manager or asked.by != WEEK
    own = frozenset() if is_shared else own_numbers(seat, today)
    query = f"{asked.query()} {','.join(sorted(own))}"
    key = PartKey.of("scorecard", seat, day=today, query=query)
    part = rendered(key, partial(_render, seat, today, asked, own))
    context = {"seat": seat, "label": part.facts, **part.filled()}
    return render(request, "funnel/scorecard.html", context)


def _render(seat: Seat, today: date, asked: ScorecardQuery, own: frozenset[str]) -> RenderedPart:
    how: dict[str, Any] = {
        "today": today,
        "until": asked.until,
        "with_running": not asked.hides_running,
    }
    card: Scorecard | PeriodScorecard
    if asked.by == WEEK:
        card = build_scorecard(seat, enters=own, **how)
    else:
        card = build_period_scorecard(seat, kind=asked.by, **how)
    context = {
        "seat": seat,
        "card": card,
        "asked": asked,
        "links": asked.links(card.earlier, card.later, is_latest=card.is_latest),
        "is_by_week": asked.by == WEEK,
    }
    return RenderedPart.of(
        context,
        facts=card.label,
        nav="funnel/parts/scorecard_nav.html",
        grid="funnel/parts/scorecard_grid.html",
    )
