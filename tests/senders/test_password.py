from datetime import UTC, datetime

import pytest

from funnel.actions import passwords
from funnel.models import Message, User
from funnel.senders.password import write
from tests.sending import send_all

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def maya():
    return User.objects.create_user("maya@lumina.example", "a-long-enough-one")


def test_the_mail_has_a_link_and_the_login(client, maya, mailoutbox):
    passwords.ask(email=maya.email, now=NOW)
    assert write(Message.objects.get(), {}, NOW).html == ""
    Message.objects.update(queued_at=datetime.now(UTC))
    send_all()
    (mail,) = mailoutbox
    assert mail.subject == "Set your password for the weekly KPI meeting"
    assert "asked for a new password for maya@lumina.example" in mail.body
    path = mail.body.split("http://testserver")[1].split()[0]
    assert client.get(path, follow=True).status_code == 200


@pytest.mark.parametrize("email", ["nobody@lumina.example", "maya@lumina.example"])
def test_an_unknown_and_a_switched_off_login_get_none(maya, email):
    User.objects.update(is_active=False)
    passwords.ask(email=email, now=NOW)
    assert write(Message.objects.get(), {}, NOW) is None
