"""reports/tokens.py: which tokens a user sees, with their state."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from funnel.actions import tokens
from funnel.models import User
from funnel.models.secret import SecretState
from funnel.reports.setup.tokens import list_tokens
from tests.cast import make_cast
from tests.factories import TODAY, make_token, root_seat, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def names(person):
    return [token.name for token in list_tokens(seat_for(person), today=TODAY)]


def test_everyone_sees_their_own_and_a_manager_all_of_the_practices(cast):
    make_token(cast.owner, "Maya's")
    make_token(cast.viewer, "Vic's", may_write=False)
    make_token(cast.stranger, "Hal's")
    assert names(cast.owner) == ["Maya's"]
    assert names(cast.viewer) == ["Vic's"]
    assert names(cast.member) == []
    assert names(cast.manager) == names(cast.admin) == ["Maya's", "Vic's"]
    of_root = list_tokens(root_seat(cast.practice), today=TODAY)
    assert [token.name for token in of_root] == ["Maya's", "Vic's"]


def test_the_active_ones_come_first(cast):
    token, _ = make_token(cast.owner, "A revoked")
    tokens.revoke(by=seat_for(cast.manager), token=token)
    make_token(cast.owner, "B expired", expires_on=TODAY + timedelta(days=1))
    make_token(cast.owner, "C active")
    make_token(cast.member, "D inactive")
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    listed = list_tokens(seat_for(cast.manager), today=TODAY + timedelta(days=2))
    assert [(token.name, token.state) for token in listed] == [
        ("C active", SecretState.ACTIVE),
        ("D inactive", SecretState.INACTIVE),
        ("B expired", SecretState.EXPIRED),
        ("A revoked", SecretState.REVOKED),
    ]
    assert [token.is_active for token in listed] == [True, False, False, False]
    assert [token.may_be_revoked for token in listed] == [True, True, False, False]
    assert (listed[-1].revoked_by, listed[-1].revoked_at) == ("Ana", NOW)
    assert (listed[0].person, listed[0].is_mine, listed[0].revoked_by) == ("Maya", False, None)


@pytest.mark.parametrize("many", [1, 15])
def test_one_query_for_one_and_many(cast, django_assert_num_queries, many):
    for _ in range(many):
        make_token(cast.owner)
    seat = seat_for(cast.manager)
    with django_assert_num_queries(1):
        assert len(list_tokens(seat, today=TODAY)) == many
