from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.forms.export import ExportForm
from funnel.reports.exports.exports import EXPORTS, list_kpis
from funnel.sheets.writing import CSV, JSON, XLSX
from funnel.views.seated import seated

FORMATS = ((CSV, "CSV"), (XLSX, "Excel"), (JSON, "JSON"))


@require_safe
@seated
def export(request: HttpRequest, seat: Seat) -> HttpResponse:
    return export_page(request, seat, ExportForm(request.GET))


def export_page(request: HttpRequest, seat: Seat, form: ExportForm) -> HttpResponse:
    """400 for invalid weeks."""
    is_valid = form.is_valid()
    asked = {"from": form.first, "to": form.last}
    query = urlencode({name: str(week) for name, week in asked.items() if week})
    context: dict[str, Any] = {
        "seat": seat,
        "form": form,
        "first": form.first,
        "last": form.last,
        "offers": EXPORTS.items() if is_valid else (),
        "formats": FORMATS,
        "query": f"?{query}" if query else "",
        "more": f"&{query}" if query else "",
        "kpis": list_kpis(seat.practice) if is_valid else (),
    }
    return render(request, "funnel/export.html", context, status=200 if is_valid else 400)
