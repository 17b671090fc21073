from datetime import date
from typing import Any

from django import forms

from funnel.forms.secret import NamedSecretForm


class TokenForm(NamedSecretForm):
    """No `may_write` for viewers."""

    name_label = "What uses it"
    name_required = "Say what uses it, as in “Monday's report”."

    may_write = forms.BooleanField(
        label="It may also enter numbers",
        required=False,
        help_text="As you: what you may enter, it may. Without this it only reads.",
    )

    def __init__(self, data: Any = None, *, today: date, may_enter: bool) -> None:
        super().__init__(data, today=today)
        if not may_enter:
            del self.fields["may_write"]
