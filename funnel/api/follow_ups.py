from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from funnel.access import May, Seat, require
from funnel.actions import follow_ups as actions
from funnel.actions.refusals import VersionConflict
from funnel.api.answers import reading, writing
from funnel.api.auth import seat_of, today_of
from funnel.api.bodies import FollowUpChangeIn, FollowUpIn
from funnel.api.problems import conflict
from funnel.api.schemas import FollowUpOut, FollowUpsOut
from funnel.api.values import PathNumber, QueryText, Slug, answer
from funnel.domain.weeks import Week
from funnel.forms.follow_up import ChangeForm, DropForm, FollowUpForm
from funnel.models import FollowUp
from funnel.reports.meeting.follow_ups import (
    KINDS,
    OPEN,
    FollowUpItem,
    build_follow_up,
    build_follow_ups,
)

MOST_PAGES = 100_000
NO_MEETING = "There is no meeting of such a week here."
ONE_THING = "Change its text or its state, not both at once."
NOTHING = "Send what to change: its text, or its state."

router = Router(tags=["Follow-ups"])

Show = Annotated[
    Literal[KINDS],  # type: ignore[valid-type]
    Query(OPEN, description="“mine” and “overdue” are open ones."),
]
OfKPI = Annotated[QueryText, Query("", alias="kpi", description="The short name of one KPI.")]
PageNumber = Annotated[int, Query(1, ge=1, le=MOST_PAGES, description="From 1.")]


@router.get(
    "/practices/{slug:slug}/follow-ups/",
    response=reading(FollowUpsOut),
    operation_id="list_follow_ups",
    summary="List follow-ups",
    url_name="follow-ups",
)
def follow_ups(
    request: HttpRequest, slug: Slug, show: Show, of_kpi: OfKPI, page: PageNumber
) -> HttpResponse:
    """Open ones by due date, then the latest ended. Fifty per page; too high a page returns the
    last."""
    seat = seat_of(request)
    today = today_of(request, seat.practice)
    found = build_follow_ups(seat, today=today, show=show, kpi=of_kpi, page=page)
    told = [_item(item) for item in found.items]
    return answer({"follow_ups": told, "page": found.page, "pages": found.pages})


@router.post(
    "/practices/{slug:slug}/follow-ups/",
    response=writing(new=FollowUpOut, stored=FollowUpOut, conflicts=False),
    operation_id="post_follow_up",
    summary="Add a follow-up",
    url_name="follow-ups",
)
def promise(request: HttpRequest, slug: Slug, body: FollowUpIn) -> HttpResponse:
    """Requires a manager. 201, or 200 if the same follow-up of the meeting is open. 423 if the
    meeting is closed."""
    seat = seat_of(request)
    require(May.PROMISE, seat)
    today = today_of(request, seat.practice)
    week = body.week or Week.reporting(today)
    if week.sunday >= today or not seat.practice.has_begun_by(week):
        raise ValidationError({"week": NO_MEETING})
    typed = {"text": body.text, "owner": body.owner, "due_on": body.due_on, "kpi": body.kpi or ""}
    form = _valid(FollowUpForm(typed, practice=seat.practice, today=today))
    made = actions.promise(by=seat, week=week, **form.cleaned_data)
    return answer(_told(request, seat, made), status=201 if made.is_new else 200)


@router.patch(
    "/practices/{slug:slug}/follow-ups/{number:number}/",
    response=writing(stored=FollowUpOut),
    operation_id="patch_follow_up",
    summary="Change a follow-up",
    url_name="follow-up",
)
def change(
    request: HttpRequest, slug: Slug, number: PathNumber, body: FollowUpChangeIn
) -> HttpResponse:
    """Either `state`: “done” by the owner or a manager, “dropped” by a manager with a `reason`,
    “open” by a manager or by the owner who finished it. Or `text`, `owner` or `due_on` by a
    manager, with `version`: 409 with the current follow-up if outdated."""
    seat = seat_of(request)
    rows = FollowUp.objects.filter(practice=seat.practice).select_related("owner")
    stored = rows.filter(pk=number).first()
    if stored is None:
        raise Http404("There is no such follow-up here.")
    if body.words() and body.state:
        raise ValidationError(ONE_THING)
    try:
        if body.state:
            changed = _turn(seat, stored, body)
        elif body.words():
            changed = _reword(request, seat, stored, body)
        else:
            raise ValidationError(NOTHING)
    except VersionConflict as refusal:
        raise conflict(_told(request, seat, refusal.stored)) from refusal
    return answer(_told(request, seat, changed))


def _turn(seat: Seat, stored: FollowUp, body: FollowUpChangeIn) -> FollowUp:
    if body.state == "done":
        return actions.finish(by=seat, follow_up=stored)
    if body.state == "open":
        return actions.reopen(by=seat, follow_up=stored)
    require(May.CHANGE_FOLLOW_UP, seat)
    form = _valid(DropForm({"reason": body.reason}))
    return actions.drop(by=seat, follow_up=stored, **form.cleaned_data)


def _reword(request: HttpRequest, seat: Seat, stored: FollowUp, body: FollowUpChangeIn) -> FollowUp:
    require(May.CHANGE_FOLLOW_UP, seat)
    now = {
        "text": stored.text,
        "owner": stored.owner_id,
        "due_on": stored.due_on.isoformat(),
        "version": str(body.version or ""),
    }
    today = today_of(request, seat.practice)
    typed = {**now, **body.words()}
    form = _valid(ChangeForm(typed, practice=seat.practice, today=today, follow_up=stored))
    return actions.change(by=seat, follow_up=stored, **form.cleaned_data)


def _valid(form: BaseForm) -> Any:
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return form


def _told(request: HttpRequest, seat: Seat, follow_up: FollowUp) -> dict[str, Any]:
    today = today_of(request, seat.practice)
    item = build_follow_up(seat, follow_up.pk, today=today)
    assert item is not None  # noqa: S101 - nobody deletes one
    return _item(item)


def _item(item: FollowUpItem) -> dict[str, Any]:
    state = "done" if item.is_done else "dropped" if item.is_dropped else "open"
    return {
        "number": item.id,
        "text": item.text,
        "owner": item.owner,
        "owner_number": item.owner_id,
        "due_on": item.due_on.isoformat(),
        "is_overdue": item.is_overdue,
        "kpi": item.kpi_slug,
        "week": str(item.week),
        "state": state,
        "dropped_because": item.dropped_because,
        "version": item.version,
    }
