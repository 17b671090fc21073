from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.forms.agenda import AgendaForm
from funnel.forms.entry import EntryForm
from funnel.parts import PartKey, RenderedPart, place, rendered
from funnel.reports.meeting.agenda import Slide, build_agenda
from funnel.reports.meeting.state import MeetingState
from funnel.views.seated import check_week, seated, today_at
from funnel.views.short_week import short_week_part


@require_safe
@seated
def meeting(request: HttpRequest, seat: Seat, week: Week | None = None) -> HttpResponse:
    if week is None:
        reporting = Week.reporting(today_at(seat.practice))
        if not seat.practice.has_begun_by(reporting):
            return redirect(seat.practice)
        return redirect("meeting", seat.practice.slug, reporting)
    return meeting_page(request, seat, week)


def meeting_page(request: HttpRequest, seat: Seat, week: Week, **refused: Any) -> HttpResponse:
    """`refused` are forms."""
    check_week(seat, week)
    now = timezone.now()

    def build() -> RenderedPart:
        return _render(seat, week, now, **refused)

    # Built now, not cached: a later write may have caused the refusal.
    key = PartKey.of("meeting", seat, day=today_at(seat.practice), about=week)
    part = build() if refused else rendered(key, build)
    token = get_token(request)
    context = {"seat": seat, "week": week, "csrf_token": token}
    texts = part.filled(csrf=token, **_places(context, part.facts, now, **refused))
    return render(request, "funnel/meeting.html", {**context, **texts})


class _Number(NamedTuple):
    slug: str
    name: str
    unit: str
    is_open: bool
    is_not_brought: bool
    entered_by: frozenset[int]


class _Facts(NamedTuple):
    state: MeetingState
    numbers: tuple[_Number, ...]


def _render(seat: Seat, week: Week, now: datetime, **refused: Any) -> RenderedPart:
    """Equal for equal rights, except clock and forms."""
    agenda = build_agenda(seat, week, today=today_at(seat.practice), now=now)
    # The seat's version: the content is as new or newer.
    state = replace(agenda.state, stamp=stamp_of(seat))
    context = {
        "seat": seat,
        **short_week_part(seat, week, is_short=agenda.board.days_open is not None),
        "agenda": agenda,
        "state": state,
        "board": agenda.board,
        "slides": [(slide, place(f"enter-{slide.line.slug}")) for slide in agenda.slides],
        "bar_place": place("bar"),
        "follow_up": refused.get("follow_up"),
        "minutes": refused.get("minutes") or _minutes(seat),
        "may_run": _may_run(seat, state),
        "chart": charts.of_agenda(agenda),
    }
    return RenderedPart.of(
        context,
        facts=_Facts(state, tuple(_number(slide) for slide in agenda.slides)),
        agenda="funnel/parts/meeting_agenda.html",
        data="funnel/parts/meeting_data.html",
    )


def _number(slide: Slide) -> _Number:
    line = slide.line
    return _Number(
        line.slug, line.name, line.unit, slide.is_open, slide.is_not_brought, slide.entered_by
    )


def _places(
    context: dict[str, Any], facts: _Facts, now: datetime, **refused: Any
) -> dict[str, str]:
    """Clock and forms, "" if none."""
    seat: Seat = context["seat"]
    may_run = _may_run(seat, facts.state)
    bar = {**context, "state": facts.state.at(now), "may_run": may_run}
    places: dict[str, str] = {"bar": render_to_string("funnel/parts/meeting_bar.html", bar)}
    for number in facts.numbers:
        form = refused.get("number")
        if form is None or form.slug != number.slug:
            form = _form(seat, number) if may_run and number.is_open else None
        places[f"enter-{number.slug}"] = (
            render_to_string(
                "funnel/parts/meeting_enter.html", {**context, "number": number, "form": form}
            )
            if form
            else ""
        )
    return places


def _may_run(seat: Seat, state: MeetingState) -> bool:
    return seat.is_manager and not state.is_closed


def stamp_of(seat: Seat) -> str:
    """Changes with each write and day."""
    return f"{seat.known_version}-{today_at(seat.practice):%Y%m%d}"


def told(request: HttpRequest, refusal: ValidationError) -> None:
    for sentence in refusal.messages:
        messages.error(request, sentence)


def _form(seat: Seat, number: _Number) -> EntryForm:
    is_mine = any(seat.is_staff(pk) for pk in number.entered_by)
    return EntryForm(
        slug=number.slug,
        unit=number.unit,
        currency=seat.practice.currency,
        needs_reason=not is_mine,
    )


def _minutes(seat: Seat) -> AgendaForm:
    practice = seat.practice
    return AgendaForm(
        initial={
            "numbers": practice.minutes_numbers,
            "ahead": practice.minutes_ahead,
            "issues": practice.minutes_issues,
        }
    )
