"""senders/invitation.py: what differs from person to person; the way in is followed in
tests/actions/test_invitations.py."""

from datetime import UTC, datetime

import pytest

from funnel.actions import invitations, staff
from funnel.models import Message, Staff
from funnel.senders.invitation import write
from tests.cast import make_cast
from tests.factories import root_seat

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def nora():
    seat = root_seat(make_cast().practice)
    nora = staff.add(by=seat, email="nora@lumina.example", name="Nora")
    invitations.invite(by=seat, staff=nora)
    return nora


def written():
    return write(Message.objects.get(), {"inviter": "Ada"}, NOW)


def test_without_a_password_one_is_set(nora):
    letter = written()
    assert letter.subject.strip() == "Ada invites you to Lumina Aesthetics's weekly KPI meeting"
    assert "/accounts/password/reset/key/" in letter.text
    assert "works once, for 3 days" in letter.text


def test_with_a_password_one_signs_in_and_joins_before_that(nora):
    nora.user.set_password("a-long-new-word-7")
    nora.user.save()
    assert "/accounts/login/?next=%2Fpractices%2Flumina%2F" in written().text
    Staff.objects.filter(pk=nora.pk).update(has_accepted=False)
    assert "/accounts/login/?next=%2F\n" in written().text


def test_a_person_who_left_gets_none(nora):
    Staff.objects.filter(pk=nora.pk).update(is_active=False)
    assert written() is None
