from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from funnel.domain.addresses import is_public
from funnel.forms.entry import UNREADABLE
from funnel.forms.secret import OnceForm


class WebhookForm(OnceForm):
    """Names are checked when called: their address may change."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        error_messages=UNREADABLE
        | {
            "required": "Write the address, as in https://example.com/kpi.",
            "max_length": "Use at most 500 characters.",
        },
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Where the other program listens. It begins with https.",
    )
    wants_entries = forms.BooleanField(label="A number is saved", required=False, initial=True)
    wants_closings = forms.BooleanField(label="A week is closed", required=False, initial=True)
    wants_unowned = forms.BooleanField(label="A KPI has no owner", required=False, initial=True)

    def clean_url(self) -> str:
        """With its host in lower case."""
        url: str = self.cleaned_data["url"]
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if not host or not url.isascii() or any(sign.isspace() for sign in url) or "@" in url:
            raise ValidationError(
                "This is no address. Write it as in https://example.com/kpi, without a password."
            )
        if host in settings.WEBHOOK_PRIVATE_HOSTS and parts.scheme in {"http", "https"}:
            return url
        if parts.scheme != "https":
            raise ValidationError("Write an address that begins with https.")
        if host == "localhost" or _is_private(host):
            raise ValidationError("This address is of a private network, which is not called.")
        return url

    def clean(self) -> dict[str, Any]:
        """Requires an event."""
        said = super().clean() or {}
        if not any(said.get(wish) for wish in ("wants_entries", "wants_closings", "wants_unowned")):
            self.add_error("wants_unowned", "Choose at least one thing that the address is told.")
        return said


def _is_private(host: str) -> bool:
    """Addresses only, not names."""
    is_number = ":" in host or host.rpartition(".")[2].isdigit()
    return is_number and not is_public(host)
