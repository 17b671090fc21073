from datetime import date
from typing import Any

from django.db.models import Case, DateField, Value, When
from django.http import HttpRequest
from django.utils import timezone

from funnel import access
from funnel.access import May, Seat, refuse
from funnel.domain.weeks import local_today
from funnel.models import Practice


def own_ids(request: HttpRequest) -> list[int]:
    """One query per request."""
    kept: list[int] | None = getattr(request, "_administered", None)
    if kept is None:
        user: Any = request.user
        kept = access.administered(user) if user.is_authenticated else []
        request._administered = kept  # type: ignore[attr-defined]
    return kept


def own_practices(request: HttpRequest) -> list[Practice]:
    """By name. One query per request."""
    kept: list[Practice] | None = getattr(request, "_own_practices", None)
    if kept is None:
        kept = list(Practice.objects.filter(pk__in=own_ids(request)))
        request._own_practices = kept  # type: ignore[attr-defined]
    return kept


def seat_of(request: HttpRequest, practice: Practice) -> Seat:
    """One query. Raises PermissionDenied."""
    seat = access.seat_at(request.user, practice)  # type: ignore[arg-type]
    if seat is None:
        refuse(May.USE_ADMIN)
    return seat


def today_in(practice: Practice) -> date:
    return local_today(timezone.now(), practice.time_zone)


def todays(request: HttpRequest) -> date | Case:
    """A Case by practice where time zones differ."""
    by_day: dict[date, list[int]] = {}
    for practice in own_practices(request):
        by_day.setdefault(today_in(practice), []).append(practice.pk)
    if len(by_day) <= 1:
        return next(iter(by_day), timezone.now().date())
    commonest = max(by_day, key=lambda day: len(by_day[day]))
    return Case(
        *(
            When(practice__in=ids, then=Value(day))
            for day, ids in by_day.items()
            if day != commonest
        ),
        default=Value(commonest),
        output_field=DateField(),
    )
