"""Sign-in: people are invited, and prove their address by the link in a mail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from funnel.actions import passwords
from funnel.models import User
from kpi_practice.attempts import Device, count


class InvitedOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs up: an admin invites, and the link in the mail sets the password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Redirect to the sign-in page, with the reason: the password was right."""
        messages.error(request, "This login was disabled. Ask an admin of your practice.")
        return redirect("account_login")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuses a try too many; see attempts.py. allauth takes a try that succeeds back."""
        attempts = count(request, str(credentials.get("email") or ""))
        if attempts is None:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage = attempts

    def post_login(self, request: HttpRequest, user: User, **given: Any) -> HttpResponse:
        """Remembers the browser, which nobody else's wrong passwords lock out from then on."""
        response: HttpResponse = super().post_login(request, user, **given)
        Device.of(request).remember(user.email, response)
        return response


class ResetByAddressForm(ResetPasswordForm):
    """Queues the mail for that address alone, whether or not a login has it: allauth would look the
    login up here, mail it within the request, and mail those that once claimed the address."""

    def clean_email(self) -> str:
        """The address, in small letters."""
        email: str = self.cleaned_data["email"].lower()
        return email

    def save(self, request: HttpRequest, **_: Any) -> str:
        """Queue the mail."""
        email: str = self.cleaned_data["email"]
        passwords.ask(email=email, now=timezone.now())
        return email
