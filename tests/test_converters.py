"""converters.py: the week in a URL."""

import pytest
from django.urls import Resolver404, resolve, reverse

from tests.factories import WEEK


def test_a_week_goes_into_a_url_and_comes_back():
    url = reverse("dashboard", args=["lumina", WEEK])
    assert url == "/practices/lumina/2026-W47/"
    assert resolve(url).kwargs == {"slug": "lumina", "week": WEEK}


@pytest.mark.parametrize("week", ["2026-W54", "2025-W53", "2026-W00", "0000-W01", "2026-w47"])
def test_a_week_that_does_not_exist_has_no_address(week):
    with pytest.raises(Resolver404):
        resolve(f"/practices/lumina/{week}/")
