from datetime import datetime

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from funnel import limits
from funnel.access import May, has_nobody, require
from funnel.actions import first_admin, starts
from funnel.actions.refusals import Busy
from funnel.forms.start import FirstAdminForm, FoundForm, point_at_error, refuse
from funnel.reports.setup.start import unfinished

# Per address in ten minutes: too few to guess the code.
TRIES = limits.Limit("first-admin", most=20, seconds=600)
TOO_MANY = "Too many attempts from here. Wait ten minutes and send it again."
# For all addresses together, so that many networks guess no faster.
ALL_TRIES = limits.Limit("first-admin-anywhere", most=200, seconds=3600)
TOO_MANY_ANYWHERE = "Too many attempts. Wait an hour, or create the superuser on the server."


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Superusers, or the form of the first admin."""
    if not request.user.is_authenticated:
        if has_nobody():
            return _first_admin(request, timezone.now())
        return redirect_to_login(request.get_full_path())
    require(May.FOUND, request.user)
    form = FoundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            practice = starts.begin(by=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as refusal:
            refuse(form, refusal)
        else:
            return redirect("start-who", practice.slug)
    point_at_error(form)
    context = {"seat": None, "form": form, "unfinished": unfinished()}
    return render(request, "funnel/start.html", context)


def _first_admin(request: HttpRequest, now: datetime) -> HttpResponse:
    """Requires a code over https: otherwise the first visitor owns the installation."""
    code = settings.FIRST_ADMIN_CODE
    is_closed = not code and settings.IS_HTTPS
    form = FirstAdminForm(request.POST if request.method == "POST" else None, code=code)
    status = 403 if form.is_bound and is_closed else 200
    if form.is_bound and not is_closed:
        if too_many := _too_many(request, now):
            form.add_error(None, too_many)
            status = 429
        elif form.is_valid():
            said = form.cleaned_data
            try:
                user = first_admin.make(email=said["email"], password=said["password"])
            except (ValidationError, Busy) as refusal:
                refuse(form, _in_words(refusal))
            else:
                signed_in: HttpResponse = perform_login(
                    request, user, redirect_url=reverse("start")
                )
                return signed_in
    point_at_error(form)
    context = {"seat": None, "first": form, "is_closed": is_closed}
    return render(request, "funnel/start.html", context, status=status)


def _too_many(request: HttpRequest, now: datetime) -> str:
    """ "" if allowed. Refused requests do not count for all addresses, so one cannot lock out
    others.
    """
    if limits.count(TRIES, limits.address_of(request), now) is not None:
        return TOO_MANY
    return TOO_MANY_ANYWHERE if limits.count(ALL_TRIES, "all", now) is not None else ""


def _in_words(refusal: ValidationError | Busy) -> ValidationError:
    return ValidationError(first_admin.TOO_LATE) if isinstance(refusal, Busy) else refusal
