"""Founding a practice."""

from django import forms

from funnel.models import Practice


class PracticeAddForm(forms.ModelForm):
    """A new practice, and who answers for its patients acquired."""

    patients_role = forms.ChoiceField(
        label="Patients acquired belongs to",
        choices=[("Patient coordinator", "Patient coordinator"), ("Doctor", "Doctor")],
        help_text="Whichever plays the larger role there.",
    )

    class Meta:
        model = Practice
        fields = ["name", "slug"]
