from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from funnel.actions import passwords
from funnel.models import User
from kpi_practice.attempts import Device, count


class InvitedOnlyAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, "This login was disabled. Ask an admin of your practice.")
        return redirect("account_login")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Limits attempts; successful ones do not count."""
        attempts = count(request, str(credentials.get("email") or ""))
        if attempts is None:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage = attempts

    def post_login(self, request: HttpRequest, user: User, **given: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **given)
        Device.of(request).remember(user.email, response)
        return response


LONGEST = 254


class ResetByAddressForm(ResetPasswordForm):
    """No lookup, unlike allauth's."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if len(email) > LONGEST:
            raise ValidationError("Enter a valid e-mail address.")
        return email

    def save(self, request: HttpRequest, **_: Any) -> str:
        email: str = self.cleaned_data["email"]
        passwords.ask(email=email, now=timezone.now())
        return email
