from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.forms.baseline import BaselineForm
from funnel.reports.history.history import DEFAULT_SPAN, SPANS, build_history
from funnel.views.seated import seated, today_at

ALL = "all"


@require_safe
@seated
def history(request: HttpRequest, seat: Seat, kpi: str) -> HttpResponse:
    """One number over time: `?weeks=` 26, 52, 104 or all of them; `?from=` a week fills in where a
    new baseline begins, for whoever may begin one."""
    return history_page(request, seat, kpi)


def history_page(
    request: HttpRequest, seat: Seat, slug: str, refused: BaselineForm | None = None
) -> HttpResponse:
    """The page of the KPI of that slug, with the refused form in it if there is one."""
    span = _span(request.GET.get("weeks", ""))
    report = build_history(seat.practice, slug, today=today_at(seat.practice), span=span)
    if report is None:
        raise Http404("There is no such KPI here.")
    begins = _week(request.GET.get("from", ""))
    form = refused
    if form is None and seat.is_manager and report.points and report.archived_on is None:
        form = BaselineForm(initial={"from_week": begins or report.suggested_week})
    context: dict[str, Any] = {
        "seat": seat,
        "report": report,
        "chart": charts.of_history(report),
        "form": form,
        "begins": begins,
        "begin": f"?weeks={span or ALL}&from=" if form else "",
        "weeks": span or ALL,
        "spans": (*SPANS, ALL),
    }
    return render(request, "funnel/history.html", context)


def _week(text: str) -> Week | None:
    try:
        return Week.parse(text)
    except ValueError:
        return None


def _span(text: str) -> int | None:
    if text == ALL:
        return None
    return int(text) if text in {str(span) for span in SPANS} else DEFAULT_SPAN
