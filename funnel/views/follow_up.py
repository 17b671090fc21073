from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from funnel.access import May, Seat, require
from funnel.actions import follow_ups
from funnel.actions.refusals import VersionConflict
from funnel.forms.follow_up import ChangeForm, DropForm
from funnel.models import FollowUp
from funnel.reports.meeting.follow_ups import build_follow_up
from funnel.views.seated import seated, today_at

DO = {"finish": "Done", "reopen": "Reopened", "change": "Saved", "drop": "Dropped"}


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def follow_up(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """POST performs `do`."""
    rows = FollowUp.objects.filter(practice=seat.practice).select_related("owner")
    stored = rows.filter(pk=number).first()
    if stored is None:
        raise Http404("There is no such follow-up here.")
    today = today_at(seat.practice)
    do = request.POST.get("do", "")
    typed = request.POST.copy()
    change = ChangeForm(
        typed if do == "change" else None, practice=seat.practice, today=today, follow_up=stored
    )
    drop = DropForm(typed if do == "drop" else None)
    status = 200
    if request.method == "POST":
        try:
            if _act(seat, stored, do, change, drop):
                return redirect(_next(request, seat, stored))
        except VersionConflict as refusal:
            # Saving again replaces what is shown now.
            typed["version"] = str(refusal.stored.version)
            status = 409
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
    context = {
        "seat": seat,
        "item": build_follow_up(seat, number, today=today),
        "change": change,
        "drop": drop,
        "is_overtaken": status == 409,
    }
    return render(request, "funnel/follow_up.html", context, status=status)


def _act(seat: Seat, stored: FollowUp, do: str, change: ChangeForm, drop: DropForm) -> bool:
    if do in {"change", "drop"}:
        require(May.CHANGE_FOLLOW_UP, seat)
    if do == "finish":
        follow_ups.finish(by=seat, follow_up=stored)
    elif do == "reopen":
        follow_ups.reopen(by=seat, follow_up=stored)
    elif do == "change" and change.is_valid():
        follow_ups.change(by=seat, follow_up=stored, **change.cleaned_data)
    elif do == "drop" and drop.is_valid():
        follow_ups.drop(by=seat, follow_up=stored, **drop.cleaned_data)
    elif do not in DO:
        raise ValidationError("Choose what to do with it.")
    else:
        return False
    return True


def _next(request: HttpRequest, seat: Seat, stored: FollowUp) -> str:
    """Never to another site."""
    text = request.POST["text"] if request.POST["do"] == "change" else stored.text
    messages.success(request, f"{DO[request.POST['do']]}: {text}")
    wished = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wished, allowed_hosts=None):
        return wished
    return reverse("follow-up", args=[seat.practice.slug, stored.pk])
