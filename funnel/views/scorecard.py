from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.forms.scorecard import WEEK, Asked
from funnel.reports.scorecard.periods import PeriodScorecard, build_period_scorecard
from funnel.reports.scorecard.scorecard import Scorecard, build_scorecard
from funnel.views.seated import seated, today_at


@require_safe
@seated
def scorecard(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Every number over thirteen weeks, or over months or quarters beside those of last year."""
    today = today_at(seat.practice)
    asked = Asked.of(request.GET)
    how: dict[str, Any] = {
        "today": today,
        "until": asked.until,
        "with_running": not asked.hides_running,
    }
    card: Scorecard | PeriodScorecard
    if asked.by == WEEK:
        card = build_scorecard(seat, **how)
    else:
        card = build_period_scorecard(seat, kind=asked.by, **how)
    context = {
        "seat": seat,
        "card": card,
        "asked": asked,
        "links": asked.links(card.earlier, card.later, is_latest=card.is_latest),
        "is_by_week": asked.by == WEEK,
    }
    return render(request, "funnel/scorecard.html", context)
