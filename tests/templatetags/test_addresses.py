from django.urls import reverse

from funnel.templatetags.addresses import address
from tests.factories import WEEK


def test_is_the_address_of_the_practices_page():
    assert address("enter", "lumina") == reverse("enter", args=["lumina"])
    assert address("enter", "harbor") == reverse("enter", args=["harbor"])


def test_a_page_of_no_practice_has_one_too():
    assert address("home") == reverse("home")


def test_a_page_of_a_week_or_a_kpi_has_its_own():
    assert address("enter", "lumina", WEEK) == reverse("enter", args=["lumina", WEEK])
    assert address("history", "lumina", "leads") == reverse("history", args=["lumina", "leads"])
