from django import forms

from funnel.forms.entry import UNREADABLE


class AddressForm(forms.Form):
    use_required_attribute = False

    new_email = forms.EmailField(
        label="New e-mail address",
        max_length=254,
        error_messages=UNREADABLE
        | {
            "required": "Write the new address.",
            "invalid": "Write it as in maya@lumina.example.",
            "max_length": "An address has at most 254 characters.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
