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


def test_one_while_it_waits_and_another_once_it_was_sent():
    assert ask() == ask() == 1
    Message.objects.update(state="delivered", due_at=None, delivered_at=NOW)
    assert ask() == 2


def test_another_while_one_is_being_sent():
    ask()
    Message.objects.update(attempts=1)
    assert ask() == 2


def test_three_statements(django_assert_num_queries):
    with django_assert_num_queries(3 + 2):
        passwords.ask(email="maya@lumina.example", now=NOW)
