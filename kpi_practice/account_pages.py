"""Closed pages of allauth; tests/test_access_table.py lists all."""

from typing import Any

from allauth.account import urls
from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordResetFromKeyView
from allauth.mfa.recovery_codes import views as recovery_codes
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse

from kpi_practice.attempts import Device

# URLs below accounts/ that return 404; allauth reverses their names.
CLOSED = {
    # People are invited.
    "signup/": "account_signup",
    # It assigns unconfirmed addresses.
    "email/": "account_email",
    "confirm-email/": "account_email_verification_sent",
    "confirm-email/<str:key>/": "account_confirm_email",
    # Passwords are set by mailed link and changed with the old one.
    "password/set/": "account_set_password",
    "login/code/confirm/": "account_confirm_login_code",
    # The sign-in page shows it.
    "inactive/": "account_inactive",
}
_proved = reauthentication_required(app="allauth.mfa")
# These grant access, and allauth shows them to any open session.
REAUTHENTICATED = {
    "2fa/recovery-codes/": ("mfa_view_recovery_codes", _proved(recovery_codes.view_recovery_codes)),
    "2fa/recovery-codes/download/": (
        "mfa_download_recovery_codes",
        _proved(recovery_codes.download_recovery_codes),
    ),
}


@login_not_required
def closed(request: HttpRequest, **_: str) -> HttpResponse:
    raise Http404


class SetPassword(PasswordResetFromKeyView):
    """Trusts the browser from now on, despite others' failed attempts."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        Device.of(self.request).remember(self.reset_user.email, response)
        return response


set_password = login_not_required(SetPassword.as_view())
# The path of allauth's page.
KEY_PATH = "^accounts/" + next(
    entry.pattern.regex.pattern.removeprefix("^")
    for entry in urls.urlpatterns
    if entry.name == "account_reset_password_from_key"
)
