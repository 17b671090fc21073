from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funnel.domain.weeks import Week
from funnel.forms.entry import UNREADABLE

NOT_A_WEEK = "A week is written like 2026-W47."


class IsoWeekField(forms.CharField):
    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=8,
            error_messages=UNREADABLE | {"max_length": NOT_A_WEEK},
            # Browsers without a week picker show a text field.
            widget=forms.TextInput(
                attrs={"type": "week", "placeholder": "2026-W47", "autocomplete": "off"}
            ),
        )

    def clean(self, value: Any) -> Week | None:
        text = super().clean(value)
        try:
            return Week.parse(text) if text else None
        except ValueError:
            sentence = f"“{text}” is not a week. {NOT_A_WEEK}"
            raise ValidationError(sentence) from None


class ExportForm(forms.Form):
    """`?from=` and `?to=`, inclusive and optional."""

    use_required_attribute = False

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="weeks-%s")
        # "from" is a Python keyword.
        self.fields["from"] = IsoWeekField("From the week")
        self.fields["to"] = IsoWeekField("To the week")

    def clean(self) -> dict[str, Any]:
        first, last = self.first, self.last
        if first and last and last < first:
            self.add_error("to", f"Choose {first}, the first week, or a later one.")
        return self.cleaned_data

    @property
    def first(self) -> Week | None:
        return self.cleaned_data.get("from")

    @property
    def last(self) -> Week | None:
        return self.cleaned_data.get("to")
