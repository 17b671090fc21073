from collections.abc import Sequence
from typing import Any

from django import forms

from funnel.models import Staff


class InviteForm(forms.Form):
    """Makes no query."""

    again = forms.MultipleChoiceField(
        required=False,
        error_messages=dict.fromkeys(
            ("invalid_choice", "invalid_list"), "Choose people of this practice."
        ),
    )

    def __init__(self, data: Any = None, *, invited: Sequence[Staff]) -> None:
        super().__init__(data)
        self.people = {str(person.pk): person for person in invited}
        field = self.fields["again"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(pk, person.name) for pk, person in self.people.items()]

    @property
    def chosen(self) -> list[Staff]:
        return [self.people[pk] for pk in self.cleaned_data["again"]]
