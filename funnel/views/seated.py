from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, load_enterers, load_own, require, take_seat
from funnel.domain.weeks import Week, local_today
from funnel.models import Practice
from funnel.parts import PartKey, RenderedPart, rendered
from funnel.reports.setup.start import address_of_step

View = Callable[..., HttpResponseBase]


def seated(view: View) -> View:
    """Pass the seat of `<slug>`; 404 without. One query, none with `request.membership`."""

    @wraps(view)
    def load(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        loaded = getattr(request, "membership", None)
        seat = take_seat(request.user, slug, loaded)  # type: ignore[arg-type]
        if seat is None:
            raise Http404("No such practice.")
        return view(request, seat, **kwargs)

    return load


def seated_to_enter(view: View) -> View:
    """403 for viewers."""

    @wraps(view)
    def load(request: HttpRequest, seat: Seat, **kwargs: Any) -> HttpResponseBase:
        require(May.ENTER_OWN, seat)
        return view(request, seat, **kwargs)

    return seated(load)


def seated_to_run(view: View) -> View:
    """Managers; GET redirects to the meeting."""

    @wraps(view)
    def load(request: HttpRequest, seat: Seat, week: Week, **kwargs: Any) -> HttpResponseBase:
        require(May.RUN_MEETING, seat)
        check_week(seat, week)
        if request.method != "POST":
            return redirect("meeting", seat.practice.slug, week)
        return view(request, seat, week, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(seated(load))


def seated_to_start(step: int) -> Callable[[View], View]:
    """Admins only; redirects unless the step is reached."""

    def decorate(view: View) -> View:
        @wraps(view)
        def load(request: HttpRequest, seat: Seat, **kwargs: Any) -> HttpResponseBase:
            require(May.START, seat)
            furthest = seat.practice.start_step
            if furthest is None:
                return redirect(seat.practice)
            if furthest < step:
                return redirect(address_of_step(furthest), seat.practice.slug)
            return view(request, seat, **kwargs)

        return require_http_methods(["GET", "HEAD", "POST"])(seated(load))

    return decorate


def check_week(seat: Seat, week: Week) -> None:
    """Raises Http404 before the first week and unless finished."""
    if week.sunday >= today_at(seat.practice) or not seat.practice.has_begun_by(week):
        raise Http404("There is no meeting of such a week here.")


def today_at(practice: Practice) -> date:
    """The only clock of the pages."""
    return local_today(timezone.now(), practice.time_zone)


def own_numbers(seat: Seat, today: date) -> frozenset[str]:
    def load(practice: Practice, day: date) -> dict[int, frozenset[str]]:
        key = PartKey.of("enterers", seat, day=day)
        found: dict[int, frozenset[str]] = rendered(
            key, lambda: RenderedPart(facts=load_enterers(practice, day))
        ).facts
        return found

    return load_own(seat, today, load)
