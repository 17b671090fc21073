from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from funnel import ics, limits
from funnel.access import authenticate_calendar
from funnel.actions import secrets
from funnel.domain.weeks import local_today
from funnel.models import CalendarFeed
from funnel.reports.meeting.calendar import build_dates
from funnel.views.tv import UNSEEN, unless_known, wrong_address

# From one address in a minute. A right one is served whatever its neighbours type.
WRONG = limits.Limit("wrong-calendars", most=20, seconds=60)


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A member's calendar. 304 if unchanged, 404 for invalid tokens, 429 after twenty."""
    now = timezone.now()
    feed = authenticate_calendar(token, now)
    if feed is None:
        response = wrong_address(request, WRONG, now)
    else:
        secrets.note_use(feed, now)
        response = unless_known(request, _file(feed, now))
    for name, value in UNSEEN.items():
        response.headers[name] = value
    return response


def _file(feed: CalendarFeed, now: datetime) -> HttpResponse:
    today = local_today(now, feed.staff.practice.time_zone)
    dates = build_dates(feed.staff, today=today)
    host = settings.SITE_HOST or "localhost"
    text = ics.of_dates(dates, host=host, link=_link)
    return HttpResponse(text, "text/calendar; charset=utf-8")


def _link(name: str, *args: Any) -> str:
    return settings.SITE_URL + reverse(name, args=args)
