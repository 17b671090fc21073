"""templatetags/addresses.py: the pages of a practice."""

from django.urls import reverse

from funnel.templatetags.addresses import address


def test_is_the_address_of_the_practices_page():
    assert address("enter", "lumina") == reverse("enter", args=["lumina"])
    assert address("enter", "harbor") == reverse("enter", args=["harbor"])
