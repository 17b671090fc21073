"""models/screen.py: which screens still have their address."""

from datetime import UTC, datetime

import pytest

from funnel.models import Screen
from tests.factories import TODAY, WEEK, make_practice, make_superuser

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_a_screen_that_has_run_out_was_not_taken_back():
    practice, root = make_practice(), make_superuser()

    def make(name, expires_on=TODAY, **taken_back):
        return Screen.objects.create(
            practice=practice,
            name=name,
            token_hash=name.rjust(64, "0"),
            expires_on=expires_on,
            made_at=NOW,
            made_by=root,
            **taken_back,
        )

    make("Reception")
    make("Old", WEEK.monday)
    make("Kitchen", revoked_at=NOW, revoked_by=root)
    assert [screen.name for screen in Screen.objects.unrevoked()] == ["Old", "Reception"]
