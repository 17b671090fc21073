from django import forms

from funnel.forms.secret import NamedSecretForm


class ScreenForm(NamedSecretForm):
    name_label = "Where it hangs"
    name_required = "Say where it hangs, as in “Meeting room”."

    shows_names = forms.BooleanField(
        label="Show the names of staff",
        required=False,
        help_text="Without them it names the roles, as in “Front desk”.",
    )
