from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from funnel.access import May, Seat, Standing, all_stands, require, take_stand
from funnel.actions import batches, entries
from funnel.actions.refusals import VersionConflict
from funnel.api.answers import of_a_batch, reading, writing
from funnel.api.auth import seat_of, today_of
from funnel.api.bodies import BatchIn, EntryIn, EntryLineIn
from funnel.api.history import First, Last, check_weeks
from funnel.api.problems import Problem, conflict, of_refusal
from funnel.api.schemas import BatchOut, EntriesOut, EntryOut
from funnel.api.values import KPISlug, PathWeek, QueryText, Slug, answer, number
from funnel.domain.weeks import Week
from funnel.forms.entry import EntryForm
from funnel.models import Practice, WeeklyEntry
from funnel.reports.entry.listing import MOST, After, EntryRow, list_entries, tell_entries

DEFAULT_LIMIT = 100
NO_KPI = "There is no such KPI here."
WRONG_CURSOR = "This is not a valid cursor: use “next” of the page before."

router = Router(tags=["Entries"])


Limit = Annotated[
    int, Query(DEFAULT_LIMIT, ge=1, le=MOST, description="The most entries to return.")
]
OfKPI = Annotated[QueryText, Query("", alias="kpi", description="The short name of one KPI.")]
Cursor = Annotated[QueryText, Query("", description="“next” of the page before.")]


@router.get(
    "/practices/{slug:slug}/entries/",
    response=reading(EntriesOut),
    operation_id="list_entries",
    summary="List entries",
    url_name="entries",
)
def entry_list(
    request: HttpRequest,
    slug: Slug,
    first: First,
    last: Last,
    of_kpi: OfKPI,
    cursor: Cursor,
    limit: Limit,
) -> HttpResponse:
    """By week, earliest first, and KPI. Pass `next` as `cursor` until it is null; numbers entered
    in between are neither skipped nor repeated."""
    check_weeks(first, last)
    page = list_entries(
        seat_of(request).practice,
        first=first,
        last=last,
        slug=of_kpi,
        after=_after(cursor) if cursor else None,
        limit=limit,
    )
    if page is None:
        raise Http404(NO_KPI)
    following = _cursor(page.after) if page.after else None
    return answer({"entries": [_listed(entry) for entry in page.entries], "next": following})


@router.put(
    "/practices/{slug:slug}/entries/{slug:kpi}/{week:week}/",
    response=writing(new=EntryOut, stored=EntryOut),
    operation_id="put_entry",
    summary="Enter or correct one number",
    url_name="entry",
)
def entry(
    request: HttpRequest, slug: Slug, kpi: KPISlug, week: PathWeek, body: EntryIn
) -> HttpResponse:
    """For the owner, a stand-in, or a manager with a reason. 201 for the first number of a week,
    else 200; repeating changes nothing. 409 with the current entry if `version` is outdated; 423 if
    the week is closed."""
    seat = seat_of(request)
    require(May.ENTER_OWN, seat)
    by = take_stand(seat, kpi, today_of(request, seat.practice))
    if by is None:
        raise Http404(NO_KPI)
    typed = _read(by, body)
    try:
        saved = entries.record(by=by, week=week, confirmed=body.confirmed, **typed)
    except VersionConflict as refusal:
        raise conflict(_saved(by.seat.practice, refusal.stored)) from refusal
    return answer(_saved(seat.practice, saved), status=201 if saved.is_new else 200)


@router.post(
    "/practices/{slug:slug}/entries/batch/",
    response=of_a_batch(BatchOut),
    operation_id="post_entries",
    summary="Enter many numbers, all or nothing",
    url_name="batch",
)
def batch(request: HttpRequest, slug: Slug, body: BatchIn) -> HttpResponse:
    """Up to 1,000 numbers, all or none. 422 lists the error and status of each refused line."""
    seat = seat_of(request)
    require(May.ENTER_OWN, seat)
    by_slug = all_stands(seat, today_of(request, seat.practice))
    read: list[batches.Number] = []
    refused: dict[int, Exception] = {}
    for place, line in enumerate(body.entries):
        try:
            read.append(_number(by_slug, line))
        except (Http404, PermissionDenied, ValidationError) as refusal:
            refused[place] = refusal
    if refused:
        raise _of_lines(seat, body, refused)
    try:
        saved = batches.record_all(by=seat, numbers=read)
    except batches.NumbersRefused as refusal:
        raise _of_lines(seat, body, refusal.refusals) from refusal
    new = sum(entry.is_new for entry in saved)
    told = tell_entries(seat.practice, [entry.pk for entry in saved])
    return answer(
        {
            "entries": [_listed(entry) for entry in told],
            "new": new,
            "changed_or_same": len(saved) - new,
        }
    )


def _read(by: Standing, body: EntryIn) -> dict[str, Any]:
    require(May.ENTER_NUMBER, by)
    typed = {"value": body.value, "note": body.note, "reason": body.reason}
    form = EntryForm(
        {**typed, "version": str(body.version or "")},
        slug=by.kpi.slug,
        unit=by.kpi.unit,
        currency=by.seat.practice.currency,
        needs_reason=by.needs_reason,
    )
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return form.cleaned_data


def _number(by_slug: Mapping[str, Standing], line: EntryLineIn) -> batches.Number:
    by = by_slug.get(line.kpi)
    if by is None:
        raise Http404(NO_KPI)
    return batches.Number(by=by, week=line.week, confirmed=line.confirmed, **_read(by, line))


def _of_lines(seat: Seat, body: BatchIn, refused: Mapping[int, Exception]) -> Problem:
    """One query after conflicts."""
    stored = [one.stored.pk for one in refused.values() if isinstance(one, VersionConflict)]
    told = tell_entries(seat.practice, stored) if stored else []
    current = {(entry.kpi, entry.week): _listed(entry) for entry in told}
    errors = [
        error
        for place, refusal in refused.items()
        for error in _of_line(place, body.entries[place], refusal, current)
    ]
    first = errors[0]
    sentence = f"Nothing was saved. Line {first['line']}: {first['detail']}"
    return Problem("invalid", sentence, errors=errors)


def _of_line(
    place: int,
    line: EntryLineIn,
    refusal: Exception,
    current: Mapping[tuple[str, Week], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    in_between = isinstance(refusal, VersionConflict)
    problem = conflict(current[line.kpi, line.week]) if in_between else of_refusal(refusal)
    body = problem.body
    at = {"line": place, "kpi": line.kpi, "week": str(line.week)}
    at |= {"status": body["status"], "type": body["type"]}
    told = body.get("errors") or [{"field": "", "detail": problem.detail}]
    beside = {"current": body["current"]} if in_between else {}
    return [{**at, **error, **beside} for error in told]


def _saved(practice: Practice, entry: WeeklyEntry) -> dict[str, Any]:
    return _listed(tell_entries(practice, [entry.pk])[0])


def _listed(entry: EntryRow) -> dict[str, Any]:
    return {
        "kpi": entry.kpi,
        "week": str(entry.week),
        "value": number(entry.value),
        "note": entry.note,
        "version": entry.version,
        "entered_at": entry.entered_at.isoformat(),
        "entered_by": entry.entered_by,
        "entered_for": entry.entered_for,
        "reason": entry.reason,
        "is_corrected": entry.is_corrected,
        "seen_value": number(entry.seen),
    }


def _cursor(after: After) -> str:
    text = f"{after.monday.isoformat()}:{after.kpi_id}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(cursor: str) -> After:
    try:
        text = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
        monday, _, kpi_id = text.partition(":")
        after = After(Week(date.fromisoformat(monday)).monday, int(kpi_id[:18]))
    except ValueError:
        raise ValidationError({"cursor": WRONG_CURSOR}) from None
    if _cursor(after) != cursor:
        raise ValidationError({"cursor": WRONG_CURSOR})
    return after
