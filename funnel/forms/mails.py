"""What a person says of their mails."""

from django import forms

from funnel.models import Staff


class RemindersForm(forms.Form):
    """How many reminders they want."""

    use_required_attribute = False

    reminders = forms.ChoiceField(
        label="Before each meeting, send me",
        choices=Staff.Reminders.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose two reminders, the last one only, or none."
        ),
    )
