from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare

from funnel.forms.entry import UNREADABLE, NumberField
from funnel.forms.zones import currencies, zones
from funnel.models import KPI, Practice, User

LONGEST_PASSWORD = 128
TYPED = {"autocomplete": "off"}
NO_ZONE = "Choose the time zone: it decides when the week ends."


def refuse(form: forms.Form, refusal: ValidationError) -> None:
    """Add an action's errors."""
    by_field = refusal.update_error_dict({})
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)


def point_at_error(*refused: forms.Form) -> None:
    """Focus the first field with an error."""
    for form in refused:
        for name, field in form.fields.items():
            if name in form.errors:
                field.widget.attrs["autofocus"] = True
                return


class OptionalNumberField(NumberField):
    def __init__(self, *, unit: str, currency: str = "", label: str, help_text: str = "") -> None:
        super().__init__(
            unit=unit,
            currency=currency,
            required=False,
            label=label,
            help_text=help_text,
            widget=forms.TextInput(attrs=TYPED),
        )

    def clean(self, value: str | None) -> Any:
        return super().clean(value) if (value or "").strip() else None


class FirstAdminForm(forms.Form):
    use_required_attribute = False

    code = forms.CharField(
        label="Set-up code",
        max_length=200,
        error_messages=UNREADABLE | {"required": "Enter the set-up code of this installation."},
        widget=forms.PasswordInput(attrs=TYPED),
        help_text="FIRST_ADMIN_CODE in the installation's settings.",
    )
    email = forms.EmailField(
        label="Your e-mail address",
        error_messages=UNREADABLE
        | {
            "required": "Enter your e-mail address: you sign in with it.",
            "invalid": "Write an e-mail address, as in ana@practice.example.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages=UNREADABLE | {"required": "Choose a password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters, not only digits, and not a common password.",
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages=UNREADABLE | {"required": "Enter the password again."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, auto_id="first-%s")
        self.expected = code
        if not code:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not constant_time_compare(code, self.expected):
            raise ValidationError("This is not the set-up code of this installation.")
        return code

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if "password" in said:
            try:
                validate_password(said["password"], User(email=said.get("email", "")))
            except ValidationError as weak:
                self.add_error("password", weak)
        if {"password", "again"} <= said.keys() and said["password"] != said["again"]:
            self.add_error("again", "The two passwords do not match.")
        return said


class PracticeForm(forms.Form):
    """Offers the practice's own time zone."""

    use_required_attribute = False

    name = forms.CharField(
        label="Name of the practice",
        max_length=120,
        error_messages=UNREADABLE
        | {
            "required": "Enter the name of the practice.",
            "max_length": "A name has at most 120 characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        error_messages={"required": NO_ZONE, "invalid_choice": NO_ZONE},
        help_text="Decides when its week ends.",
    )
    currency = forms.ChoiceField(
        label="Currency",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose a currency from the list."
        ),
    )
    meeting_weekday = forms.TypedChoiceField(
        label="Meeting day",
        choices=Practice.Weekday.choices,
        coerce=int,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose a day from Monday to Sunday for the meeting."
        ),
    )
    meeting_time = forms.TimeField(
        label="Meeting time",
        input_formats=["%H:%M", "%H:%M:%S"],
        error_messages={
            "required": "Choose when the meeting starts.",
            "invalid": "Write the time as in 09:00 or 14:30.",
        },
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    value_per_patient = OptionalNumberField(
        unit=KPI.Unit.MONEY,
        label="Value of one acquired patient",
        help_text="Turns lost patients into money, as in 3,200. Empty: money is not shown.",
    )

    def __init__(
        self, data: Any = None, *, practice: Practice | None = None, value: Decimal | None = None
    ) -> None:
        stored = [name for name in self.base_fields if name != "value_per_patient"]
        given = {name: getattr(practice, name) for name in stored if practice}
        given["value_per_patient"] = value
        super().__init__(data, auto_id="practice-%s", initial={**self.proposed(), **given})
        zone = practice.time_zone if practice else ""
        listed = zones()
        if zone and not any(zone == value for _, group in listed for value, _ in group):
            listed = [("Now", [(zone, zone)]), *listed]
        self._offer("time_zone", [("", "Choose the time zone"), *listed])
        self._offer("currency", currencies())
        value_field = self.fields["value_per_patient"]
        assert isinstance(value_field, NumberField)  # noqa: S101 - declared above
        value_field.currency = (data or {}).get("currency") or self.initial["currency"]

    @staticmethod
    def proposed() -> dict[str, Any]:
        return {"currency": "USD", "meeting_weekday": 0, "meeting_time": "09:00"}

    def _offer(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = choices


class FoundForm(PracticeForm):
    your_name = forms.CharField(
        label="Your name there",
        required=False,
        max_length=80,
        error_messages=UNREADABLE | {"max_length": "A name has at most 80 characters."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="As the team calls you; you become the practice's admin. Leave it empty if you "
        "do not work there.",
    )
