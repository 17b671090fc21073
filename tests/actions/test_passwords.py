from datetime import UTC, datetime

import pytest

from funnel.actions import passwords
from funnel.models import Message

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def ask(email="Maya@Lumina.example "):
    passwords.ask(email=email, now=NOW)
    return Message.objects.count()


def test_queues_a_mail_to_the_address_whether_or_not_a_login_has_it():
    assert ask() == 1
    message = Message.objects.get()
    assert (message.email, message.kind, message.body) == ("maya@lumina.example", "password", "{}")


def test_each_request_queues_one_whatever_became_of_the_one_before():
    assert ask() == 1
    assert ask() == 2
    Message.objects.update(state="cancelled", due_at=None)
    assert ask() == 3


def test_two_statements(django_assert_num_queries):
    with django_assert_num_queries(2 + 2):
        passwords.ask(email="maya@lumina.example", now=NOW)
