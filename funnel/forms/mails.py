"""What a person says of their mails and their calendar."""

import secrets
from typing import Any

from django import forms

from funnel.models import Staff

ONCE_BYTES = 16


class RemindersForm(forms.Form):
    """How many reminders they want."""

    use_required_attribute = False

    reminders = forms.ChoiceField(
        label="Before each meeting, send me",
        choices=Staff.Reminders.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose two reminders, the last one only, or none."
        ),
    )


class CalendarForm(forms.Form):
    """Asks for an address. `once` is another for each form: what comes twice with it was meant
    once."""

    once = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"once": secrets.token_urlsafe(ONCE_BYTES)})
