from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import imports
from funnel.forms.spreadsheet import UploadForm
from funnel.limits import Limit, count
from funnel.models import Import
from funnel.reports.setup.imports import list_imports
from funnel.views.seated import seated, today_at

# Per user in ten minutes: more than a person uploads.
UPLOADS = Limit("import", 40, 600)


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def spreadsheet(request: HttpRequest, seat: Seat) -> HttpResponse:
    require(May.IMPORT, seat)
    back = way_back(request)
    form = _sent(request, seat) if request.method == "POST" else UploadForm()
    if form.is_valid():
        draft = _upload(request, seat, form)
        if draft is not None:
            return redirect(page_of(seat, draft, back))
    since = timezone.now() - imports.KEPT_FOR
    context = {"seat": seat, "form": form, "back": back}
    context["imports"] = list_imports(seat.practice, since=since)
    return render(request, "funnel/spreadsheet.html", context)


def _sent(request: HttpRequest, seat: Seat) -> UploadForm:
    length = request.META.get("CONTENT_LENGTH") or ""
    who = f"{seat.practice.pk}:{seat.user.pk}"
    return UploadForm(
        request.POST,
        request.FILES,
        length=int(length) if length.isdecimal() else 0,
        is_too_often=count(UPLOADS, who, timezone.now()) is not None,
    )


def _upload(request: HttpRequest, seat: Seat, form: UploadForm) -> Import | None:
    today = today_at(seat.practice)
    try:
        return imports.upload(by=seat, file_name=form.file_name, sheets=form.sheets, today=today)
    except ValidationError as refusal:
        form.add_error("file", refusal.messages)
    return None


def way_back(request: HttpRequest) -> str:
    """Empty unless a page of this site."""
    wished = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wished, allowed_hosts=None)
    return wished if is_ours and wished.startswith("/") else ""


def page_of(seat: Seat, imported: Import | None, back: str) -> str:
    slug = seat.practice.slug
    address = (
        reverse("import-file", args=[slug, imported.pk])
        if imported
        else reverse("import", args=[slug])
    )
    return f"{address}?{urlencode({'next': back})}" if back else address
