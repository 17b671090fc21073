import pytest
from django.urls import reverse

from tests.cast import make_cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_a_manager_may_import(client, who):
    client.force_login(getattr(make_cast(), who).user)
    assert client.get(reverse("import", args=["lumina"])).status_code == 200
