import re

from django import forms

from funnel.forms.entry import UNKNOWN_VERSION, UNREADABLE

LONGEST = 2000


class NoteForm(forms.Form):
    """`version` is 0 without a note."""

    text = forms.CharField(
        required=False,
        max_length=LONGEST,
        error_messages=UNREADABLE | {"max_length": "A note has at most 2,000 characters."},
    )
    version = forms.Field(required=False)

    def clean_version(self) -> int | None:
        text = self.cleaned_data["version"] or ""
        if not re.fullmatch(r"[0-9]{1,9}", text):
            return UNKNOWN_VERSION
        return int(text) or None
