"""models/api_token.py: which tokens still work, and their owners."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from funnel.models import ApiToken
from tests.factories import TODAY, WEEK, make_practice, make_staff, make_superuser

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def token_of(staff, name="Report", **changes):
    fields = {
        "practice": staff.practice,
        "staff": staff,
        "name": name,
        "token_hash": name.rjust(64, "0"),
        "expires_on": TODAY,
        "made_at": NOW,
        "made_by": staff.user,
        **changes,
    }
    return ApiToken(**fields)


def test_a_token_that_has_run_out_was_not_taken_back():
    maya = make_staff(make_practice(), "Maya")
    token_of(maya, "Report").save()
    token_of(maya, "Old", expires_on=WEEK.monday).save()
    token_of(maya, "Lost", revoked_at=NOW, revoked_by=make_superuser()).save()
    assert [str(token) for token in ApiToken.objects.unrevoked()] == ["Old", "Report"]


@pytest.mark.postgresql
def test_postgresql_refuses_a_token_of_another_practices_person():
    hal = make_staff(make_practice("harbor"), "Hal")
    token = token_of(hal, practice=make_practice("lumina"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="staff_of_practice"), transaction.atomic():
        token.save()
