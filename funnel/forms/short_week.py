from typing import Any

from django import forms

from funnel.forms.entry import UNREADABLE

NO_DAYS = "Choose on how many days the practice is open, 0 to 6."


class ShortWeekForm(forms.Form):
    use_required_attribute = False

    days_open = forms.TypedChoiceField(
        label="Days open",
        choices=[("", "Choose"), *((days, str(days)) for days in range(7))],
        coerce=int,
        error_messages={"required": NO_DAYS, "invalid_choice": NO_DAYS},
    )
    reason = forms.CharField(
        label="Why (no patient names)",
        max_length=200,
        error_messages=UNREADABLE
        | {
            "required": "Enter the reason why the week is short.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="short-%s", **kwargs)
