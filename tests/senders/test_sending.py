"""senders/sending.py: each kind of message has its writer."""

import pytest
from django.core.mail import get_connection
from django.utils import timezone

from funnel.actions import passwords
from funnel.models import Message
from funnel.outbox import mail
from funnel.senders.sending import WRITERS
from tests.cast import make_cast
from tests.factories import close_week
from tests.sending import send_all

pytestmark = pytest.mark.django_db


def test_every_kind_of_mail_has_a_writer():
    assert set(WRITERS) == set(Message.Kind) - {Message.Kind.WEBHOOK}


def test_one_connection_for_all_of_them(monkeypatch):
    opened = []

    def connect():
        opened.append(get_connection())
        return opened[-1]

    monkeypatch.setattr(mail, "get_connection", connect)
    close_week(make_cast().manager)
    assert send_all() == {"delivered": 8}
    assert len(opened) == 1


def test_one_without_a_reason_any_more_is_cancelled(mailoutbox):
    passwords.ask(email="nobody@x.example", now=timezone.now())
    assert send_all() == {"cancelled": 1}
    assert mailoutbox == []
    assert Message.objects.get().answer == "No longer needed when it was due."
