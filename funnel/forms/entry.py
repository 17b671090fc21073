"""One KPI's number for one week, as someone typed it."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funnel.domain import numbers

# No entry has this version: a form that lost its own is asked which number to keep.
UNKNOWN_VERSION = 0
UNREADABLE = {"null_characters_not_allowed": "Write it again without special characters."}


class NumberField(forms.Field):
    """Text that is a number of ours; refuses the rest with the parser's own sentences."""

    widget = forms.TextInput

    def __init__(self, *, whole: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.whole = whole

    def clean(self, value: str | None) -> Decimal:
        try:
            return numbers.parse(value or "", whole=self.whole)
        except numbers.NumberRefused as refused:
            raise ValidationError(refused.sentence) from refused

    def prepare_value(self, value: Any) -> Any:
        """A stored number as a person would type it: 27, not 27.00."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class EntryForm(forms.Form):
    """The fields of one card. `reason` is there only where one is due.

    `question` asks back about an improbable number; a form that holds one offers to confirm it.
    """

    use_required_attribute = False

    value = NumberField(whole=True)
    note = forms.CharField(
        label="Note (no patient names)",
        required=False,
        max_length=500,
        error_messages=UNREADABLE | {"max_length": "A note has at most 500 characters."},
        widget=forms.Textarea(attrs={"rows": 1, "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Why you enter it and not its owner",
        required=False,
        max_length=200,
        error_messages=UNREADABLE | {"max_length": "A reason has at most 200 characters."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    version = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, slug: str, whole: bool, needs_reason: bool, **kwargs: Any
    ) -> None:
        super().__init__(data, auto_id=f"{slug}-%s", **kwargs)
        self.slug = slug
        self.question = ""
        self.fields["value"] = NumberField(
            whole=whole,
            widget=forms.TextInput(
                attrs={
                    "inputmode": "numeric" if whole else "decimal",
                    "autocomplete": "off",
                    "enterkeyhint": "done",
                }
            ),
        )
        if not needs_reason:
            del self.fields["reason"]

    @property
    def is_confirmed(self) -> bool:
        """Whether the person said that an improbable number is right."""
        return self.data.get("confirm") == "yes"

    def clean_version(self) -> int | None:
        """The version of the entry that was shown, None when none was."""
        text = self.cleaned_data["version"]
        if not text:
            return None
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else UNKNOWN_VERSION

    def ask(self, question: str) -> None:
        """Puts a question about the number beside its field."""
        self.question = question
        self.fields["value"].widget.attrs["aria-describedby"] = f"{self.slug}-question"

    def focus(self) -> None:
        """Puts the cursor into the first field that was refused, else into the number."""
        name = next((name for name in self.fields if name in self.errors), "value")
        self.fields[name].widget.attrs["autofocus"] = True
