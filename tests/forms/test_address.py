import pytest

from funnel.forms.address import AddressForm


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Write the new address."),
        ("maya", "Write it as in maya@lumina.example."),
        (f"{'m' * 60}@{'l' * 60}.{'l' * 60}.{'l' * 60}.example", None),
        (f"m@{'l.' * 130}example", "An address has at most 254 characters."),
    ],
)
def test_takes_an_address(typed, sentence):
    form = AddressForm({"new_email": typed})
    assert form.is_valid() == (sentence is None)
    assert sentence is None or sentence in form.errors["new_email"]
