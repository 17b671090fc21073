from typing import Any

from django import forms

from funnel.forms.entry import UNREADABLE


class ReopenForm(forms.Form):
    """The recap shows the reason."""

    use_required_attribute = False

    reason = forms.CharField(
        label="Reason for reopening",
        max_length=200,
        error_messages=UNREADABLE
        | {
            "required": "Enter a reason for reopening the week.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="reopen-%s")
