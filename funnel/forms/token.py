"""What someone says of a token for the API."""

import secrets
from datetime import date, timedelta
from typing import Any

from django import forms

from funnel.forms.screen import DAYS, INCOMPLETE, ONCE_BYTES, UNREADABLE


class TokenForm(forms.Form):
    """What uses it, its last day (in 90 days unless another is chosen), and whether it writes.

    `once` is another for each form: what comes twice with it was meant once. `may_write` is not
    there for whoever only looks.
    """

    use_required_attribute = False

    name = forms.CharField(
        label="What uses it",
        max_length=60,
        error_messages=UNREADABLE
        | {
            "required": "Say what uses it, as in “Monday's report”.",
            "max_length": "Use at most 60 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_on = forms.DateField(
        label="Until",
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": "Choose the last day it works.",
            "invalid": "Choose a day, as in 2026-12-31.",
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The last day it works; a year at most.",
    )
    may_write = forms.BooleanField(
        label="It may also enter numbers",
        required=False,
        help_text="As you: what you may enter, it may. Without this it only reads.",
    )
    once = forms.CharField(
        max_length=60,
        error_messages=dict.fromkeys(("required", "max_length", *UNREADABLE), INCOMPLETE),
        widget=forms.HiddenInput,
    )

    def __init__(self, data: Any = None, *, today: date, may_enter: bool) -> None:
        once = secrets.token_urlsafe(ONCE_BYTES)
        super().__init__(data, initial={"expires_on": today + timedelta(days=DAYS), "once": once})
        if not may_enter:
            del self.fields["may_write"]
