"""Whom to invite at the end of the guided start."""

from typing import Any

from django import forms

from funnel.models import Practice, Staff


class InviteForm(forms.Form):
    """Who was invited already and is to be once more. One query to check it, none unless asked."""

    again = forms.ModelMultipleChoiceField(
        Staff.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": "Choose people of this practice.",
            "invalid_pk_value": "Choose people of this practice.",
            "invalid_list": "Choose people of this practice.",
        },
    )

    def __init__(self, data: Any = None, *, practice: Practice) -> None:
        super().__init__(data)
        field = self.fields["again"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - declared above
        field.queryset = Staff.objects.active().filter(practice=practice)
