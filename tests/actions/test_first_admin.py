"""actions/first_admin.py: the first login of an empty installation, and only the first."""

import pytest
from django.core.exceptions import ValidationError

from funnel.actions import first_admin
from funnel.models import User

pytestmark = pytest.mark.django_db

GOOD = "a-long-new-word-7"


def test_the_first_is_a_superuser_who_can_sign_in():
    made = first_admin.make(email=" Ana@Lumina.example ", password=GOOD)
    stored = User.objects.get()
    assert (stored, stored.email) == (made, "ana@lumina.example")
    assert stored.is_superuser
    assert stored.is_active
    assert stored.check_password(GOOD)


@pytest.mark.parametrize("is_active", [True, False])
def test_once_there_is_a_login_nobody_else_is_first(is_active):
    User.objects.create_user("someone@example.com", is_active=is_active)
    with pytest.raises(ValidationError, match="Someone else has just created the first admin"):
        first_admin.make(email="ana@lumina.example", password=GOOD)
    assert User.objects.count() == 1


def test_refuses_what_is_no_address():
    with pytest.raises(ValidationError) as refusal:
        first_admin.make(email="ana", password=GOOD)
    assert "email" in refusal.value.message_dict
    assert not User.objects.exists()
