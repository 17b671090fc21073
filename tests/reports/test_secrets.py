"""reports/secrets.py: what a line says of a secret."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from funnel.actions import secrets, tokens
from funnel.models import Screen, Staff
from funnel.models.secret import SecretState
from funnel.reports.secrets import SecretLine, list_secrets
from funnel.reports.setup.tokens import list_tokens
from tests.cast import make_cast
from tests.factories import TODAY, make_screen, make_token, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def test_says_who_created_and_revoked_it_when_it_was_used_and_when_it_expires(cast):
    screen, text = make_screen(cast.practice)
    secrets.note_use(screen, NOW)
    secrets.revoke(screen, by=seat_for(cast.manager))
    (line,) = list_secrets(
        Screen.objects.all(), cast.practice, lambda _, **shared: SecretLine(**shared), today=TODAY
    )
    assert line == SecretLine(
        number=screen.pk,
        made_at=NOW,
        made_by="root@example.com",
        revoked_at=NOW,
        revoked_by="Ana",
        state=SecretState.REVOKED,
        token_start=text[:6],
        expires_on=TODAY + timedelta(days=30),
        last_used=NOW,
    )
    assert not line.is_active


def test_one_that_would_let_in_nobody_is_not_called_active(cast):
    """An invited person who has not accepted: the token works once they have."""
    token, _ = make_token(cast.owner)
    Staff.objects.filter(pk=cast.owner.pk).update(has_accepted=False)
    (line,) = list_tokens(seat_for(cast.manager), today=TODAY)
    assert (line.state, line.may_be_revoked) == (SecretState.INACTIVE, True)
    tokens.revoke(by=seat_for(cast.manager), token=token)
    (line,) = list_tokens(seat_for(cast.manager), today=TODAY)
    assert (line.state, line.may_be_revoked) == (SecretState.REVOKED, False)
