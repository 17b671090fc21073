from allauth.account.views import LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from funnel.access import has_nobody

_login = LoginView.as_view()


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Redirects to setup without users."""
    if request.method == "GET" and not request.user.is_authenticated and has_nobody():
        return redirect("start")
    page: HttpResponseBase = _login(request)
    return page
