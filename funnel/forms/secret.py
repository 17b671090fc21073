from datetime import date, timedelta
from functools import partial
from secrets import token_urlsafe
from typing import Any

from django import forms

from funnel.forms.entry import UNREADABLE

DAYS = 90
ONCE_BYTES = 16
INCOMPLETE = "The form came incomplete. Open this page again."


class OnceForm(forms.Form):
    """Creates one row however often it is sent, by `once`."""

    use_required_attribute = False

    once = forms.CharField(
        max_length=60,
        initial=partial(token_urlsafe, ONCE_BYTES),
        error_messages=dict.fromkeys(("required", "max_length", *UNREADABLE), INCOMPLETE),
        widget=forms.HiddenInput,
    )


class NamedSecretForm(OnceForm):
    """The default last day is in 90 days."""

    field_order = ("name", "expires_on")

    name = forms.CharField(
        max_length=60,
        error_messages=UNREADABLE | {"max_length": "Use at most 60 characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_on = forms.DateField(
        label="Expires",
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": "Choose the last day it works.",
            "invalid": "Choose a day, as in 2026-12-31.",
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The last day it works; a year at most.",
    )
    name_label: str
    name_required: str

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"expires_on": today + timedelta(days=DAYS)})
        self.fields["name"].label = self.name_label
        self.fields["name"].error_messages["required"] = self.name_required
