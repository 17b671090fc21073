from django import forms

from funnel.models import Staff


class RemindersForm(forms.Form):
    use_required_attribute = False

    reminders = forms.ChoiceField(
        label="Before each meeting, send me",
        choices=Staff.Reminders.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose two reminders, the last one only, or none."
        ),
    )
