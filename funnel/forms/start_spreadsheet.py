from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

EARLIEST = date(2000, 1, 3)


class SpreadsheetForm(forms.Form):
    use_required_attribute = False

    began_on = forms.DateField(
        label="First day with numbers",
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Choose a day, as in 2024-01-08."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, data: Any = None, *, began_on: date, today: date) -> None:
        super().__init__(data, initial={"began_on": began_on})
        self.today = today

    def clean_began_on(self) -> date | None:
        day: date | None = self.cleaned_data["began_on"]
        if day is not None and day > self.today:
            raise ValidationError("This day is in the future.")
        if day is not None and day < EARLIEST:
            raise ValidationError("Choose a day from 2000 on.")
        return day
