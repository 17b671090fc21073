from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from funnel import limits
from funnel.access import Standing
from funnel.access_links import Link, take_link
from funnel.actions import entries
from funnel.actions.refusals import ConfirmationRequired, VersionConflict
from funnel.domain import numbers
from funnel.forms.entry import EntryForm
from funnel.reports.entry.sheet import counted, said
from funnel.views.tv import UNSEEN, wrong_address

# Wrong tokens per address and minute; valid ones are never limited.
WRONG = limits.Limit("wrong-links", most=20, seconds=60)
LONGEST_SHOWN = 20


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def one_number(request: HttpRequest, token: str) -> HttpResponse:
    """Without signing in: 410 once entered or expired, 404 for forged tokens, 429 after twenty."""
    now = timezone.now()
    link = take_link(token, now)
    if link is None:
        response = wrong_address(request, WRONG, now)
    elif link.by is None:
        response = _over(request, 410)
    elif request.method == "POST":
        response = _save(request, link, link.by, now)
    elif link.stored is not None:
        response = _over(request, 410)
    else:
        response = _field(request, link, link.by, _form(link.by))
    for name, value in UNSEEN.items():
        response.headers.setdefault(name, value)
    return response


def _save(request: HttpRequest, link: Link, by: Standing, now: datetime) -> HttpResponse:
    form = _form(by, request.POST)
    if link.stored is not None and not link.was_just_used(now):
        return _over(request, 409)
    if form.is_valid():
        try:
            entry = entries.record(
                by=by,
                week=link.week,
                value=form.cleaned_data["value"],
                note=form.cleaned_data["note"],
                confirmed=form.is_confirmed,
            )
        except VersionConflict:
            return _over(request, 409)
        except ConfirmationRequired:
            # Not the action's message, which names other numbers.
            value = form.cleaned_data["value"]
            typed = numbers.value(value, by.kpi.unit, by.seat.practice.currency)
            form.ask(f"That is far from the usual numbers. Is {typed} right?")
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            saved = said(by.kpi, by.seat.practice, entry.value)
            return render(request, "funnel/one_number.html", {"saved": saved, "week": link.week})
    return _field(request, link, by, form)


def _field(request: HttpRequest, link: Link, by: Standing, form: EntryForm) -> HttpResponse:
    form.focus()
    context = {"kpi": by.kpi, "week": link.week, "form": form, "noun": counted(by.kpi)}
    response = render(request, "funnel/one_number.html", context)
    # With no-referrer browsers withhold the origin, and the CSRF check fails. This policy sends the
    # origin, never the path with its token.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _over(request: HttpRequest, status: int) -> HttpResponse:
    """Reveals nothing of the practice."""
    shown = filter(str.isprintable, request.POST.get("value", ""))
    typed = "".join(shown)[:LONGEST_SHOWN]
    return render(request, "funnel/one_number.html", {"typed": typed}, status=status)


def _form(by: Standing, data: object = None) -> EntryForm:
    return EntryForm(
        data,
        slug=by.kpi.slug,
        unit=by.kpi.unit,
        currency=by.seat.practice.currency,
        needs_reason=False,
    )
