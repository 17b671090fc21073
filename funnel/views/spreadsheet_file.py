import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import importing, imports
from funnel.actions.faults import fault_of
from funnel.domain.sheet_questions import Answers
from funnel.forms.spreadsheet import CorrectingForm, QuestionsForm, WritingForm
from funnel.models import KPI, Import
from funnel.reports.setup.imports import build_import
from funnel.views.seated import seated, today_at
from funnel.views.spreadsheet import page_of, way_back

STEPS = "application/x-ndjson"
MEANWHILE = (
    "Numbers were saved in the meantime, and nothing is imported yet. Check again, then import."
)
UNKNOWN = "Choose what to do with it."


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def spreadsheet_file(request: HttpRequest, seat: Seat, number: int) -> HttpResponseBase:
    """POST performs `do`. Scripts receive JSON lines: `done` and `of`, then `next` or `refusal`."""
    require(May.IMPORT, seat)
    since = timezone.now() - imports.KEPT_FOR
    rows = Import.objects.in_force(since).filter(practice=seat.practice, pk=number)
    imported = rows.first()
    if imported is None:
        raise Http404("There is no such import here.")
    forms = _Forms(request, seat, imported)
    refusal = MEANWHILE if "again" in request.GET and imported.is_draft else ""
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if answer := _act(request, seat, imported, do, forms):
                return answer
        except ValidationError as refused:
            refusal = " ".join(refused.messages)
    context = {"seat": seat, "imported": imported, "back": way_back(request), "refusal": refusal}
    context |= {"asking": forms.asking, "correcting": forms.correcting, "writing": forms.writing}
    if not imported.questions:
        page = request.GET.get("page", "")
        context["report"] = build_import(
            imported,
            seat.practice,
            show=request.GET.get("show", ""),
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )
    return render(request, "funnel/spreadsheet_file.html", context)


class _Forms:
    def __init__(self, request: HttpRequest, seat: Seat, imported: Import) -> None:
        do = request.POST.get("do", "")
        self.answered = Answers.of_json(imported.answers)
        kpis = KPI.objects.filter(practice=seat.practice).active().entered().in_order()
        self.asking = QuestionsForm(
            request.POST if do == "answer" else None,
            questions=imported.questions,
            answered=self.answered,
            kpis=list(kpis.values_list("slug", "name")) if imported.questions else [],
        )
        self.correcting = CorrectingForm(
            request.POST if do == "correct" else None, initial={"correcting": imported.correcting}
        )
        self.writing = WritingForm(
            request.POST if do == "import" else None,
            stopped=imported.stopped,
            reason=imported.reason,
        )


def _act(
    request: HttpRequest, seat: Seat, imported: Import, do: str, forms: _Forms
) -> HttpResponseBase | None:
    here, today = page_of(seat, imported, way_back(request)), today_at(seat.practice)
    if do == "answer" and forms.asking.is_valid():
        imports.answer(by=seat, draft=imported, answers=forms.asking.answers(), today=today)
    elif do == "again":
        imports.answer(by=seat, draft=imported, answers=Answers(), today=today)
    elif do == "correct" and forms.correcting.is_valid():
        given = forms.correcting.cleaned_data["correcting"]
        imports.answer(
            by=seat, draft=imported, answers=forms.answered, today=today, correcting=given
        )
    elif do == "leave":
        imports.answer(by=seat, draft=imported, answers=forms.answered, today=today, correcting="")
    elif do == "discard":
        imports.discard(by=seat, draft=imported)
        return redirect(page_of(seat, None, way_back(request)))
    elif do == "import" and forms.writing.is_valid():
        reason = forms.writing.cleaned_data["reason"]
        leaves_out = bool(forms.writing.cleaned_data.get("leaves_out"))
        steps = importing.apply(
            by=seat, draft=imported, leaves_out=leaves_out, today=today, reason=reason
        )
        return _told(request, seat, imported, steps)
    elif do == "undo":
        return _told(request, seat, imported, importing.undo(by=seat, done=imported, today=today))
    elif do in {"answer", "correct", "import"}:
        return None
    else:
        raise ValidationError(UNKNOWN)
    return redirect(here)


def _told(
    request: HttpRequest, seat: Seat, imported: Import, steps: Iterator[int]
) -> HttpResponseBase:
    """Redirect or stream."""
    here = page_of(seat, imported, way_back(request))
    told = _steps(seat, imported, steps, here)
    if STEPS in request.headers.get("Accept", ""):
        response = StreamingHttpResponse(_with_faults(told), content_type=STEPS)
        # Prevent buffering by middleware and proxies.
        response.headers["Content-Encoding"] = "identity"
        response.headers["X-Accel-Buffering"] = "no"
        return response
    *_, last = map(json.loads, told)
    if "refusal" in last:
        raise ValidationError(last["refusal"])
    return redirect(last["next"])


def _with_faults(told: Iterator[str]) -> Iterator[str]:
    """Faults become lines: the status was sent."""
    try:
        yield from told
    except Exception as error:
        if fault := fault_of(error):
            yield json.dumps({"refusal": fault.sentence}) + "\n"
        else:
            raise


def _steps(seat: Seat, imported: Import, steps: Iterator[int], here: str) -> Iterator[str]:
    """Closing the connection writes nothing."""
    last: dict[str, Any] = {"next": here}
    try:
        for done in steps:
            yield json.dumps({"done": done, "of": imported.written}) + "\n"
    except importing.PlanChanged:
        answers, today = Answers.of_json(imported.answers), today_at(seat.practice)
        imports.answer(by=seat, draft=imported, answers=answers, today=today)
        last = {"next": f"{here}{'&' if '?' in here else '?'}again=1"}
    except ValidationError as refused:
        last = {"refusal": " ".join(refused.messages)}
    yield json.dumps(last) + "\n"
