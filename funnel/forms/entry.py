import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funnel.domain import numbers
from funnel.models import KPI

# No entry has this version: a form without a valid one is asked which number to store.
UNKNOWN_VERSION = 0
UNREADABLE = {"null_characters_not_allowed": "Write it again without special characters."}


class NumberField(forms.Field):
    widget = forms.TextInput

    def __init__(self, *, unit: str, currency: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit, self.currency = unit, currency
        self.widget.attrs["inputmode"] = "numeric" if unit == KPI.Unit.COUNT else "decimal"

    def clean(self, value: str | None) -> Decimal:
        try:
            return numbers.parse(value or "", self.unit, currency=self.currency)
        except numbers.NumberRefused as refused:
            raise ValidationError(refused.sentence) from refused

    def prepare_value(self, value: Any) -> Any:
        """Show 27, not 27.00."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class EntryForm(forms.Form):
    """`question` asks to confirm an improbable number."""

    use_required_attribute = False

    value = NumberField(unit=KPI.Unit.COUNT)
    note = forms.CharField(
        label="Note (no patient names)",
        required=False,
        max_length=500,
        error_messages=UNREADABLE | {"max_length": "A note has at most 500 characters."},
        widget=forms.Textarea(attrs={"rows": 1, "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Why you enter it for the owner",
        required=False,
        max_length=200,
        error_messages=UNREADABLE | {"max_length": "A reason has at most 200 characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    version = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        slug: str,
        unit: str,
        currency: str,
        needs_reason: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, auto_id=f"{slug}-%s", **kwargs)
        self.slug = slug
        self.question = ""
        self.fields["value"] = NumberField(
            unit=unit,
            currency=currency,
            widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "done"}),
        )
        if not needs_reason:
            del self.fields["reason"]

    @property
    def is_confirmed(self) -> bool:
        return self.data.get("confirm") == "yes"

    def clean_version(self) -> int | None:
        text = self.cleaned_data["version"]
        if not text:
            return None
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else UNKNOWN_VERSION

    def ask(self, question: str) -> None:
        self.question = question
        self.fields["value"].widget.attrs["aria-describedby"] = f"{self.slug}-question"

    def focus(self) -> None:
        name = next((name for name in self.fields if name in self.errors), "value")
        self.fields[name].widget.attrs["autofocus"] = True
