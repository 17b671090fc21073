"""senders/address.py; what the links do is in tests/actions/test_addresses.py."""

import json
from datetime import UTC, datetime

import pytest

from funnel.actions import addresses
from funnel.models import AddressChange, Message, User
from funnel.senders.address import write

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def messages():
    user = User.objects.create_user("old@x.example", "a-long-enough-one")
    addresses.ask(by=user, email="new@x.example", now=NOW)
    return Message.objects.order_by("pk")


def letters(messages):
    return [write(message, json.loads(message.body), NOW) for message in messages]


def test_each_mailbox_has_its_own_link(messages):
    assert [message.email for message in messages] == ["old@x.example", "new@x.example"]
    old, new = letters(messages)
    assert (old.subject.strip(), new.subject.strip()) == (
        "Confirm your change of e-mail address",
        "Confirm your new e-mail address",
    )
    assert old.text != new.text
    assert "http://testserver/address/" in old.text


def test_no_secret_is_stored(messages):
    assert [json.loads(message.body)["mailbox"] for message in messages] == ["old", "new"]
    token = letters(messages)[0].text.split("/address/")[1].split("/")[0]
    assert not [message for message in messages if token in message.body]


def test_a_new_password_before_it_is_sent_ends_it(messages):
    user = User.objects.get()
    user.set_password("another-long-one")
    user.save()
    assert letters(messages) == [None, None]


def test_a_change_that_was_given_up_or_done_is_not_asked_for(messages):
    AddressChange.objects.all().delete()
    assert letters(messages) == [None, None]
