"""The pages of allauth that this site closes, and those that ask again who one is.

Every page of allauth is judged in tests/test_access_table.py: what is not closed here is there on
purpose.
"""

from typing import Any

from allauth.account import urls
from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordResetFromKeyView
from allauth.mfa.recovery_codes import views as recovery_codes
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse

from kpi_practice.attempts import Device

# Pages of allauth that answer 404, by address below accounts/. It asks for their names.
CLOSED = {
    # People are invited.
    "signup/": "account_signup",
    # It makes any address one's own before anybody has proved it.
    "email/": "account_email",
    "confirm-email/": "account_email_verification_sent",
    "confirm-email/<str:key>/": "account_confirm_email",
    # A password is set by the link in a mail, and changed with the old one.
    "password/set/": "account_set_password",
    "login/code/confirm/": "account_confirm_login_code",
    # The sign-in page says it.
    "inactive/": "account_inactive",
}
_proved = reauthentication_required(app="allauth.mfa")
# These let their reader sign in, and allauth shows them to every open session.
REAUTHENTICATED = {
    "2fa/recovery-codes/": ("mfa_view_recovery_codes", _proved(recovery_codes.view_recovery_codes)),
    "2fa/recovery-codes/download/": (
        "mfa_download_recovery_codes",
        _proved(recovery_codes.download_recovery_codes),
    ),
}


@login_not_required
def closed(request: HttpRequest, **_: str) -> HttpResponse:
    """A page of allauth that this site does not have."""
    raise Http404


class SetPassword(PasswordResetFromKeyView):
    """allauth's page behind the mailed link. Who set a password there is let in on this browser,
    however often others were wrong: the mailbox proves as much as a sign-in."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        Device.of(self.request).remember(self.reset_user.email, response)
        return response


set_password = login_not_required(SetPassword.as_view())
# The address of allauth's own page.
KEY_PATH = "^accounts/" + next(
    entry.pattern.regex.pattern.removeprefix("^")
    for entry in urls.urlpatterns
    if entry.name == "account_reset_password_from_key"
)
