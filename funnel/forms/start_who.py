from collections.abc import Sequence
from typing import Any

from django import forms

from funnel.forms.entry import UNREADABLE
from funnel.models import KPI, Staff

NEW, NO_ONE = "new", "none"
DOCTOR, COORDINATOR = "Doctor", "Patient coordinator"
UNDECIDED = "Choose the owner, add someone, or choose “No one yet”."
TYPED = {"autocomplete": "off"}


class QuestionForm(forms.Form):
    """`chosen` is a person, NO_ONE, or "" for undecided.

    A new person's fields work without JavaScript.
    """

    use_required_attribute = False

    role = forms.ChoiceField(
        label="Who plays the larger role in turning appointments into patients?",
        choices=[(DOCTOR, "The doctor"), (COORDINATOR, "The patient coordinator")],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose the doctor or the patient coordinator."
        ),
        widget=forms.RadioSelect,
    )
    who = forms.ChoiceField(
        error_messages=dict.fromkeys(("required", "invalid_choice"), UNDECIDED),
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=80,
        error_messages=UNREADABLE | {"max_length": "A name has at most 80 characters."},
        widget=forms.TextInput(attrs=TYPED),
    )
    title = forms.CharField(
        label="Job title",
        required=False,
        max_length=80,
        error_messages=UNREADABLE | {"max_length": "A title has at most 80 characters."},
        widget=forms.TextInput(attrs=TYPED),
    )
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        error_messages=UNREADABLE
        | {"invalid": "Write an e-mail address, as in tom@practice.example."},
        widget=forms.EmailInput(attrs=TYPED),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        kpi: KPI,
        people: Sequence[Staff],
        chosen: Staff | str,
        asks_role: bool,
    ) -> None:
        stored = str(chosen.pk) if isinstance(chosen, Staff) else chosen
        initial = {"who": stored or NEW, "role": kpi.role.name if stored else None}
        super().__init__(data, prefix=kpi.slug, initial=initial)
        self.kpi = kpi
        self.people = {str(person.pk): person for person in people}
        named = [(pk, _named(person)) for pk, person in self.people.items()]
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.label = f"Owner of {kpi.name}"
        field.choices = [(NEW, "Someone new"), *named, (NO_ONE, "No one yet")]
        if not asks_role:
            del self.fields["role"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("who") == NEW:
            for name, sentence in (
                ("name", "Enter their name, as the team calls them."),
                ("email", "Enter their e-mail address: they sign in with it."),
            ):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        elif "who" in said and any(said.get(name) for name in ("name", "title", "email")):
            self.add_error(
                "who", "You entered a new person. Choose “Someone new”, or clear their fields."
            )
        return said

    @property
    def person(self) -> Staff | None:
        return self.people.get(self.cleaned_data["who"])

    @property
    def is_new(self) -> bool:
        return bool(self.cleaned_data["who"] == NEW)


def _named(person: Staff) -> str:
    return f"{person.name}, {person.title}" if person.title else person.name
