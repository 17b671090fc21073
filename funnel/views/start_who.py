from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from funnel.access import Seat
from funnel.actions import starts
from funnel.forms.start import point_at_error, refuse
from funnel.forms.start_who import NO_ONE, QuestionForm
from funnel.models import Practice, Staff
from funnel.reports.setup.start import Duty, Start, build_start
from funnel.views.seated import seated_to_start, today_at

# Two roles may own it; the practice chooses.
SHARED = "patients-acquired"


@seated_to_start(Practice.Step.WHO)
def start_who(request: HttpRequest, seat: Seat) -> HttpResponse:
    today = today_at(seat.practice)
    start = build_start(seat.practice, "start-who", today=today)
    forms = {duty.kpi: _form(request, start, duty) for duty in start.duties}
    refused = [form for form in forms.values() if not form.is_valid()]
    if request.method == "POST" and not refused:
        answers = [_answer(form) for form in forms.values()]
        try:
            starts.answer(by=seat, answers=answers, today=today)
        except starts.AnswerRefused as refusal:
            refuse(forms[refusal.kpi], refusal.why)
        else:
            return redirect("start-targets", seat.practice.slug)
    point_at_error(*forms.values())
    questions = [(duty, forms[duty.kpi]) for duty in start.duties]
    context = {"seat": seat, "start": start, "questions": questions}
    return render(request, "funnel/start_who.html", context)


def _form(request: HttpRequest, start: Start, duty: Duty) -> QuestionForm:
    was_answered = (start.practice.start_step or 0) > Practice.Step.WHO
    chosen: Staff | str = duty.owner or (NO_ONE if was_answered else "")
    return QuestionForm(
        request.POST if request.method == "POST" else None,
        kpi=duty.kpi,
        people=start.people,
        chosen=chosen,
        asks_role=duty.kpi.slug == SHARED,
    )


def _answer(form: QuestionForm) -> starts.Answer:
    said = form.cleaned_data
    new = starts.Newcomer(said["name"], said["email"], said["title"]) if form.is_new else None
    return starts.Answer(form.kpi, new or form.person, said.get("role"))
