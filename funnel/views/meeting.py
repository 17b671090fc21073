from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.actions.refusals import Busy
from funnel.domain.weeks import Week
from funnel.forms.agenda import AgendaForm
from funnel.forms.entry import EntryForm
from funnel.reports.meeting.agenda import Agenda, build_agenda
from funnel.views.seated import check_week, seated, today_at
from funnel.views.short_week import short_week_part

BUSY = "Someone is saving this week right now. Nothing was changed: try again."


@require_safe
@seated
def meeting(request: HttpRequest, seat: Seat, week: Week | None = None) -> HttpResponse:
    """The weekly meeting from one page, by default of the last week that has ended."""
    if week is None:
        return redirect("meeting", seat.practice.slug, Week.reporting(today_at(seat.practice)))
    return meeting_page(request, seat, week)


def meeting_page(request: HttpRequest, seat: Seat, week: Week, **refused: Any) -> HttpResponse:
    """The page, with the form that was just refused (`number`, `follow_up` or `minutes`) in the
    place of its own."""
    check_week(seat, week)
    agenda = build_agenda(seat, week, today=today_at(seat.practice), now=timezone.now())
    context = {
        "seat": seat,
        **short_week_part(seat, week),
        "agenda": agenda,
        # Of the version that the seat was loaded with: what is on the page is as new or newer.
        "state": replace(agenda.state, stamp=stamp_of(seat)),
        "board": agenda.board,
        "slides": _with_forms(agenda, refused.get("number")),
        "follow_up": refused.get("follow_up"),
        "minutes": refused.get("minutes") or _minutes(seat),
        "may_run": seat.is_manager and not agenda.state.is_closed,
        "chart": charts.of_agenda(agenda),
    }
    return render(request, "funnel/meeting.html", context)


def stamp_of(seat: Seat) -> str:
    """By which a screen sees that its meeting has changed: another with each write to the practice
    and on another day."""
    return f"{seat.known_version}-{today_at(seat.practice):%Y%m%d}"


def told(request: HttpRequest, refusal: ValidationError | Busy) -> None:
    """Says why nothing was changed, on the next page."""
    if isinstance(refusal, Busy):
        messages.error(request, BUSY)
        return
    for sentence in refusal.messages:
        messages.error(request, sentence)


def _with_forms(agenda: Agenda, refused: EntryForm | None) -> list[Any]:
    """Each slide with the form for its number where that is missing, else None."""
    return [
        (slide, refused if refused and refused.slug == slide.line.slug else _form(slide))
        for slide in agenda.slides
    ]


def _form(slide: Any) -> EntryForm | None:
    if not slide.is_open:
        return None
    line = slide.line
    return EntryForm(slug=line.slug, whole=line.unit == "count", needs_reason=not line.is_mine)


def _minutes(seat: Seat) -> AgendaForm:
    practice = seat.practice
    return AgendaForm(
        initial={
            "numbers": practice.minutes_numbers,
            "ahead": practice.minutes_ahead,
            "issues": practice.minutes_issues,
        }
    )
