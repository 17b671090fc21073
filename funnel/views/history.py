from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel import charts
from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.forms.baseline import BaselineForm
from funnel.parts import PartKey, RenderedPart, rendered
from funnel.reports.history.history import DEFAULT_SPAN, SPANS, build_history
from funnel.views.seated import seated, today_at

ALL = "all"


@require_safe
@seated
def history(request: HttpRequest, seat: Seat, kpi: str) -> HttpResponse:
    """`?weeks=` 26, 52, 104 or all; `?entries=` last week; `?from=` first of a baseline."""
    return history_page(request, seat, kpi)


def history_page(
    request: HttpRequest, seat: Seat, slug: str, refused: BaselineForm | None = None
) -> HttpResponse:
    span = _span(request.GET.get("weeks", ""))
    until = _week(request.GET.get("entries", ""))
    begins = _week(request.GET.get("from", ""))
    today = today_at(seat.practice)

    def build() -> RenderedPart:
        return _render(seat, slug, today, span, until, begins, refused)

    query = f"weeks={span or ALL}&entries={until or ''}&from={begins or ''}"
    key = PartKey.of("history", seat, day=today, about=slug, query=query)
    part = rendered(key, build) if refused is None else build()
    token = get_token(request)
    texts = part.filled(csrf=token)
    context = {"seat": seat, "name": part.facts, "csrf_token": token, **texts}
    return render(request, "funnel/history.html", context)


def _render(
    seat: Seat,
    slug: str,
    today: date,
    span: int | None,
    until: Week | None,
    begins: Week | None,
    refused: BaselineForm | None,
) -> RenderedPart:
    report = build_history(seat.practice, slug, today=today, span=span, entries_until=until)
    if report is None:
        raise Http404("There is no such KPI here.")
    form = refused
    if form is None and seat.is_manager and report.points and report.archived_on is None:
        form = BaselineForm(initial={"from_week": begins or report.suggested_week})
    chart = charts.of_history(report)
    context: dict[str, Any] = {
        "seat": seat,
        "report": report,
        "chart": chart,
        "has_limits": chart is not None and any(mean is not None for mean in chart["mean"]),
        "has_signs": chart is not None and any(chart["signs"].values()),
        "has_short": chart is not None and bool(chart["short"]),
        "has_targets": chart is not None and any(t is not None for t in chart["targets"]),
        "form": form,
        "begins": begins,
        "weeks": span or ALL,
        "spans": (*SPANS, ALL),
        "until": until,
    }
    return RenderedPart.of(
        context,
        facts=report.name,
        report="funnel/parts/history_report.html",
        data="funnel/parts/history_data.html",
    )


def _week(text: str) -> Week | None:
    try:
        return Week.parse(text)
    except ValueError:
        return None


def _span(text: str) -> int | None:
    if text == ALL:
        return None
    return int(text) if text in {str(span) for span in SPANS} else DEFAULT_SPAN
