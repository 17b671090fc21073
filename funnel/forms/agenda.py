from django import forms

REFUSED = "Write a whole number of minutes, 1 to 120."


class _MinutesField(forms.IntegerField):
    def __init__(self, label: str) -> None:
        sentences = dict.fromkeys(("required", "invalid", "min_value", "max_value"), REFUSED)
        super().__init__(
            label=label,
            min_value=1,
            max_value=120,
            error_messages=sentences,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )


class AgendaForm(forms.Form):
    use_required_attribute = False

    numbers = _MinutesField("Last week’s numbers, minutes")
    ahead = _MinutesField("The week ahead, minutes")
    issues = _MinutesField("Issues and follow-ups, minutes")
