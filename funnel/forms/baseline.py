from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funnel.domain.weeks import Week

UNREADABLE = {"null_characters_not_allowed": "Write it again without special characters."}
NO_DAY = "Choose a day of its first week."


class WholeWeekField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"required": NO_DAY, "invalid": NO_DAY}

    def clean(self, value: Any) -> Any:
        """The calendar's last days are in no whole week."""
        try:
            return Week.of(super().clean(value))
        except ValueError as error:
            raise ValidationError(NO_DAY) from error

    def prepare_value(self, value: Any) -> Any:
        return value.monday if isinstance(value, Week) else value


class BaselineForm(forms.Form):
    use_required_attribute = False

    from_week = WholeWeekField(label="Any day of its first week")
    reason = forms.CharField(
        label="Why (no patient names)",
        max_length=200,
        error_messages=UNREADABLE
        | {
            "required": "Enter a reason for the new baseline.",
            "max_length": "A reason has at most 200 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
