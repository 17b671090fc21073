"""A note of the meeting, as someone typed it."""

import re

from django import forms

from funnel.forms.entry import UNKNOWN_VERSION, UNREADABLE

LONGEST = 2000


class NoteForm(forms.Form):
    """The text, and the version of the note that was shown, 0 where there was none."""

    text = forms.CharField(
        required=False,
        max_length=LONGEST,
        error_messages=UNREADABLE | {"max_length": "A note has at most 2,000 characters."},
    )
    version = forms.Field(required=False)

    def clean_version(self) -> int | None:
        """None where nothing was shown; a version that no note has where it was lost."""
        text = self.cleaned_data["version"] or ""
        if not re.fullmatch(r"[0-9]{1,9}", text):
            return UNKNOWN_VERSION
        return int(text) or None
