from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require, take_stand
from funnel.actions import entries
from funnel.actions.refusals import ConfirmationRequired, VersionConflict
from funnel.domain.weeks import Week
from funnel.forms.entry import EntryForm
from funnel.reports.entry.sheet import build_clash, build_entry_sheet, said
from funnel.views.enter import sheet_page
from funnel.views.seated import seated_to_enter, today_at


@require_http_methods(["GET", "HEAD", "POST"])
@seated_to_enter
def enter_number(request: HttpRequest, seat: Seat, week: Week, kpi: str) -> HttpResponse:
    """A refused form is shown on the week's page."""
    by = take_stand(seat, kpi, today_at(seat.practice))
    if by is None:
        raise Http404("There is no such KPI here.")
    require(May.ENTER_NUMBER, by)
    if request.method != "POST":
        return redirect("enter", seat.practice.slug, week)
    form = EntryForm(
        request.POST,
        slug=kpi,
        unit=by.kpi.unit,
        currency=seat.practice.currency,
        needs_reason=by.needs_reason,
    )
    if form.is_valid():
        try:
            entry = entries.record(
                by=by, week=week, confirmed=form.is_confirmed, **form.cleaned_data
            )
        except VersionConflict as refusal:
            clash = build_clash(by, refusal.stored, form.cleaned_data["value"])
            context = {"seat": seat, "week": week, "kpi": by.kpi, "form": form, "clash": clash}
            return render(request, "funnel/enter_conflict.html", context, status=409)
        except ConfirmationRequired as refusal:
            form.ask(refusal.sentence)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"Saved: {said(by.kpi, seat.practice, entry.value)}.")
            return redirect("enter", seat.practice.slug, week)
    # Built now, not cached: a later write may have caused the refusal.
    sheet = build_entry_sheet(seat, week, today=by.day, posted=kpi)
    return sheet_page(request, seat, sheet, refused=form)
