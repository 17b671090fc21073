from typing import Any

from django import forms

from funnel.forms.entry import UNREADABLE


class ReopenForm(forms.Form):
    """The recap shows the reason."""

    use_required_attribute = False

    reason = forms.CharField(
        label="Why it is opened again",
        max_length=200,
        error_messages=UNREADABLE
        | {
            "required": "Say why the week is opened again.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="reopen-%s")
