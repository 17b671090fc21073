from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from funnel.access import Seat, Standing, take_stand
from funnel.actions import entries, not_brought
from funnel.actions.refusals import ConfirmationRequired, VersionConflict
from funnel.domain.weeks import Week
from funnel.forms.entry import EntryForm
from funnel.reports.entry.sheet import said
from funnel.views.meeting import meeting_page, told
from funnel.views.seated import seated_to_run, today_at


@seated_to_run
def meeting_number(request: HttpRequest, seat: Seat, week: Week, kpi: str) -> HttpResponse:
    by = take_stand(seat, kpi, today_at(seat.practice))
    if by is None:
        raise Http404("There is no such KPI here.")
    if by.kpi.is_archived and not by.kpi.is_reviewed_in(week):
        # Archived KPIs have no slide for the form.
        messages.error(request, f"{by.kpi.name} is archived: no numbers can be entered.")
        return redirect("meeting", seat.practice.slug, week)
    what = request.POST.get("do", "")
    if what not in {"not-brought", "brought"}:
        return _enter(request, by, week)
    is_missing = what == "not-brought"
    try:
        not_brought.mark(by=seat, week=week, kpi=by.kpi, is_missing=is_missing, today=by.day)
    except ValidationError as refusal:
        told(request, refusal)
    return redirect(_slide(by, week))


def _enter(request: HttpRequest, by: Standing, week: Week) -> HttpResponse:
    seat, kpi = by.seat, by.kpi
    form = EntryForm(
        request.POST,
        slug=kpi.slug,
        unit=kpi.unit,
        currency=seat.practice.currency,
        needs_reason=by.needs_reason,
    )
    if form.is_valid():
        try:
            entry = entries.record(
                by=by, week=week, confirmed=form.is_confirmed, **form.cleaned_data
            )
        except VersionConflict as refusal:
            theirs = said(kpi, seat.practice, refusal.stored.value)
            mine = said(kpi, seat.practice, form.cleaned_data["value"])
            messages.error(request, f"{theirs} was saved in the meantime. Not saved: {mine}.")
            return redirect(_slide(by, week))
        except ConfirmationRequired as refusal:
            form.ask(refusal.sentence)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"Saved: {said(kpi, seat.practice, entry.value)}.")
            return redirect(_slide(by, week))
    return meeting_page(request, seat, week, number=form)


def _slide(by: Standing, week: Week) -> str:
    return f"{reverse('meeting', args=[by.seat.practice.slug, week])}#{by.kpi.slug}"
