from typing import Any

from django import forms

from funnel.forms.admin import Rehearsed
from funnel.forms.entry import NumberField
from funnel.forms.start import OptionalNumberField
from funnel.models import KPI, Practice

SETTINGS = (
    "name",
    "slug",
    "time_zone",
    "currency",
    "value_per_patient",
    "meeting_weekday",
    "meeting_time",
    "began_on",
    "first_reminder_hours",
    "second_reminder_hours",
    "reminders_at_most",
)


class PracticeAdminForm(Rehearsed):
    """The value of a patient applies from the running week on."""

    value_per_patient = OptionalNumberField(
        unit=KPI.Unit.MONEY,
        label="Value of one acquired patient",
        help_text="Turns lost patients into money, from this week on. Empty: money is not shown.",
    )

    class Meta:
        model = Practice
        fields = [name for name in SETTINGS if name != "value_per_patient"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        value_field = self.fields["value_per_patient"]
        assert isinstance(value_field, NumberField)  # noqa: S101 - declared above
        value_field.currency = self.data.get("currency") or self.instance.currency

    @property
    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name in SETTINGS}


class PracticeAddForm(PracticeAdminForm):
    patients_role = forms.ChoiceField(
        label="Role for patients acquired",
        choices=[("Patient coordinator", "Patient coordinator"), ("Doctor", "Doctor")],
        help_text="Whoever plays the larger role there.",
    )
