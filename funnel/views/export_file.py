from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.forms.export import ExportForm
from funnel.reports.exports.exports import EXPORTS, ExportRequest
from funnel.sheets.writing import PIECES, TYPES, XLSX, xlsx_file
from funnel.views.export import export_page
from funnel.views.seated import seated, today_at


@require_safe
@seated
def export_file(request: HttpRequest, seat: Seat, what: str, fmt: str) -> HttpResponseBase:
    if what not in EXPORTS or fmt not in TYPES:
        raise Http404("There is no such file.")
    form = ExportForm(request.GET)
    if not form.is_valid():
        return export_page(request, seat, form)
    today = today_at(seat.practice)
    offer = EXPORTS[what]
    kpi = request.GET.get("kpi") or None if offer.has_kpis else None
    asked = ExportRequest(form.first, form.last, kpi)
    table = offer.build(seat, asked, today=today)
    if table is None:
        raise Http404("There is no such KPI here.")
    parts = (seat.practice.slug, what, kpi, asked.first, asked.last or Week.running(today))
    name = "-".join(str(part) for part in parts if part) + f".{fmt}"
    if fmt == XLSX:
        file = xlsx_file(table)
        return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[fmt])
    return StreamingHttpResponse(
        PIECES[fmt](table),
        content_type=TYPES[fmt],
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )
