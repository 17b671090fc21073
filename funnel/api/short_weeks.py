from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router

from funnel.access import May, Seat, require
from funnel.actions import short_weeks as actions
from funnel.api.answers import reading, writing
from funnel.api.auth import seat_of, today_of
from funnel.api.bodies import ShortWeekIn
from funnel.api.history import First, Last, check_weeks
from funnel.api.schemas import ShortWeekOut, ShortWeeksOut
from funnel.api.values import PathWeek, Slug, answer
from funnel.forms.short_week import ShortWeekForm
from funnel.reports.setup.short_weeks import ShortWeekMark, as_mark, list_marks

router = Router(tags=["Short weeks"])


@router.get(
    "/practices/{slug:slug}/short-weeks/",
    response=reading(ShortWeeksOut),
    operation_id="list_short_weeks",
    summary="List short weeks",
    url_name="short-weeks",
)
def short_weeks(request: HttpRequest, slug: Slug, first: First, last: Last) -> HttpResponse:
    """Earliest first. Their numbers count in sums and the gap, not in averages, usual ranges and
    verdicts."""
    check_weeks(first, last)
    found = list_marks(seat_of(request).practice, first=first, last=last)
    return answer({"short_weeks": [_mark(one) for one in found]})


@router.put(
    "/practices/{slug:slug}/short-weeks/{week:week}/",
    response=writing(new=ShortWeekOut, stored=ShortWeekOut, conflicts=False),
    operation_id="put_short_week",
    summary="Mark a week as short",
    url_name="short-week",
)
def mark(request: HttpRequest, slug: Slug, week: PathWeek, body: ShortWeekIn) -> HttpResponse:
    """Requires a manager. 201 for a new mark, else 200. 423 if the week is closed."""
    seat = _manager(request)
    form = ShortWeekForm({"days_open": body.days_open, "reason": body.reason})
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    today = today_of(request, seat.practice)
    marked = actions.mark(by=seat, week=week, today=today, **form.cleaned_data)
    return answer(_mark(as_mark(seat.practice, marked)), status=201 if marked.is_new else 200)


@router.api_operation(
    ["DELETE"],
    "/practices/{slug:slug}/short-weeks/{week:week}/",
    response={204: None, **writing(conflicts=False)},
    operation_id="delete_short_week",
    summary="Unmark a short week",
    url_name="short-week",
)
def unmark(request: HttpRequest, slug: Slug, week: PathWeek) -> HttpResponse:
    """Requires a manager. 204, also without a mark. 423 if the week is closed."""
    seat = _manager(request)
    actions.unmark(by=seat, week=week, today=today_of(request, seat.practice))
    return HttpResponse(status=204)


def _manager(request: HttpRequest) -> Seat:
    seat = seat_of(request)
    require(May.MARK_SHORT, seat)
    return seat


def _mark(one: ShortWeekMark) -> dict[str, Any]:
    return {
        "week": str(one.week),
        "days_open": one.days_open,
        "reason": one.reason,
        "marked_by": one.marked_by,
        "marked_at": one.marked_at.isoformat(),
    }
