from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from funnel.access import Seat
from funnel.actions import notes
from funnel.actions.refusals import VersionConflict
from funnel.domain.weeks import Week
from funnel.forms.note import NoteForm
from funnel.models import KPI, Meeting, MeetingNote
from funnel.views.seated import seated_to_run, today_at


@seated_to_run
def meeting_note(
    request: HttpRequest, seat: Seat, week: Week, part: str, kpi: str | None = None
) -> HttpResponse:
    """Shows a concurrent note beside the unsaved one.

    JSON: 200, 409 with the other, 422 with a message.
    """
    about = KPI.objects.filter(practice=seat.practice, slug=kpi).first() if kpi else None
    if part not in Meeting.Part.values or (kpi and (about is None or part != Meeting.Part.NUMBERS)):
        raise Http404("There is no such note here.")
    form = NoteForm(request.POST)
    refusal, theirs = "", None
    if form.is_valid():
        today = today_at(seat.practice)
        try:
            note = notes.write(
                by=seat, week=week, part=part, kpi=about, today=today, **form.cleaned_data
            )
        except VersionConflict as clash:
            theirs = clash.stored
        except ValidationError as refused:
            refusal = " ".join(refused.messages)
        else:
            if _asks_json(request):
                return JsonResponse(_as_json(note))
            return redirect("meeting", seat.practice.slug, week)
    else:
        refusal = " ".join(str(form.errors[name][0]) for name in form.errors)
    status = 409 if theirs else 422
    if _asks_json(request):
        answer = _as_json(theirs) if theirs else {"refusal": refusal}
        return JsonResponse(answer, status=status)
    mine = request.POST.get("text", "")
    context = {"seat": seat, "week": week, "part": part, "kpi": about, "mine": mine}
    context |= {"theirs": theirs, "refusal": refusal, "version": request.POST.get("version", "")}
    return render(request, "funnel/meeting_note.html", context, status=status)


def _asks_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _as_json(note: MeetingNote) -> dict[str, str | int]:
    return {"text": note.text, "version": note.version}
