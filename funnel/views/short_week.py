from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import short_weeks
from funnel.domain.weeks import Week
from funnel.forms.short_week import ShortWeekForm
from funnel.forms.start import refuse
from funnel.reports.setup.short_weeks import find_mark
from funnel.views.seated import seated, today_at

# Pages with the form; the dashboard by default.
PAGES = {"dashboard": "dashboard", "meeting": "meeting"}


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def short_week(request: HttpRequest, seat: Seat, week: Week) -> HttpResponse:
    require(May.MARK_SHORT, seat)
    today = today_at(seat.practice)
    if week.is_future(today) or not seat.practice.has_begun_by(week):
        raise Http404("There is no such week here.")
    page = PAGES.get(request.POST.get("page", ""), "dashboard")
    posted = request.POST if request.method == "POST" else None
    takes_back = posted is not None and posted.get("do") == "unmark"
    form = ShortWeekForm(None if takes_back else posted)
    if takes_back or form.is_valid():
        try:
            if takes_back:
                short_weeks.unmark(by=seat, week=week, today=today)
            else:
                short_weeks.mark(by=seat, week=week, today=today, **form.cleaned_data)
        except ValidationError as refusal:
            if form.is_bound:
                refuse(form, refusal)
            else:
                messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _done(week, takes_back=takes_back))
            return redirect(page, seat.practice.slug, week)
    context = {"week": week, "page": page, "seat": seat, **short_week_part(seat, week, form)}
    return render(request, "funnel/short_week.html", context)


def short_week_part(
    seat: Seat, week: Week, form: ShortWeekForm | None = None, *, is_short: bool = True
) -> dict[str, Any]:
    """At most one query."""
    return {
        "short_week": find_mark(seat.practice, week) if is_short else None,
        "short_week_form": form or ShortWeekForm(),
    }


def _done(week: Week, *, takes_back: bool) -> str:
    state = "is no longer a short week" if takes_back else "is marked as a short week"
    return f"{week.label} {state}."
