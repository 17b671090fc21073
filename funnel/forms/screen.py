"""What a manager says of a screen on the wall."""

import secrets
from datetime import date, timedelta
from typing import Any

from django import forms

DAYS = 90
ONCE_BYTES = 16
UNREADABLE = {"null_characters_not_allowed": "Write it again without special characters."}
INCOMPLETE = "The form came incomplete. Open this page again."


class ScreenForm(forms.Form):
    """Its name, its last day (in 90 days unless another is chosen), and whether it names people.

    `once` is another for each form: what comes twice with it was meant once.
    """

    use_required_attribute = False

    name = forms.CharField(
        label="Where it hangs",
        max_length=60,
        error_messages=UNREADABLE
        | {
            "required": "Say where it hangs, as in “Meeting room”.",
            "max_length": "Use at most 60 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_on = forms.DateField(
        label="Until",
        input_formats=["%Y-%m-%d"],
        error_messages={
            "required": "Choose the last day it shows the board.",
            "invalid": "Choose a day, as in 2026-12-31.",
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="The last day it shows the board; a year at most.",
    )
    shows_names = forms.BooleanField(
        label="Show the names of staff",
        required=False,
        help_text="Without them it names the roles, as in “Front desk”.",
    )
    once = forms.CharField(
        max_length=60,
        error_messages=dict.fromkeys(("required", "max_length", *UNREADABLE), INCOMPLETE),
        widget=forms.HiddenInput,
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        once = secrets.token_urlsafe(ONCE_BYTES)
        super().__init__(data, initial={"expires_on": today + timedelta(days=DAYS), "once": once})
