"""manage.py deliver, and the names it had."""

from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from funnel.models import Message, Practice, Reminder
from tests.cast import make_cast
from tests.factories import close_week
from tests.sending import failing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


def run(name="deliver", **options):
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue().strip()


def test_sends_what_is_due_and_states_how_many():
    close_week(make_cast().manager)
    # Eight recaps, and one mail to Harbor's admin: nobody owns its KPIs.
    assert run() == "Sent 9, cancelled 0, failed 0."
    assert len(mail.outbox) == 9
    assert run() == "Sent 0, cancelled 0, failed 0."


def test_states_how_many_wait_for_the_next_minute(settings):
    settings.MAILS_A_MINUTE = 5
    close_week(make_cast().manager)
    assert run() == "Sent 5, cancelled 0, failed 0; 4 wait for the next run."


def test_fails_where_something_was_not_sent(monkeypatch):
    close_week(make_cast().manager)
    failing(monkeypatch, "maya@lumina.example")
    with pytest.raises(CommandError, match="will be retried"):
        run()
    assert len(mail.outbox) == 8


def test_a_dry_run_states_how_many_and_changes_nothing():
    close_week(make_cast().manager)
    before = Message.objects.count()
    assert run(dry_run=True) == "Would send 9."
    assert (mail.outbox, Message.objects.count()) == ([], before)
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("now", ["2026-11-24T14:00", "yesterday", "\0"])
def test_a_moment_without_its_zone_is_refused(now):
    with pytest.raises(CommandError, match="2026-11-24T13:00Z"):
        run(now=now)


def test_goes_by_another_moment():
    cast = make_cast()
    Practice.objects.filter(pk=cast.practice.pk).update(meeting_weekday=1)
    at = "2026-11-24T22:00+09:00"  # An hour before the meeting of Tuesday at nine in New York.
    assert run(now=at, dry_run=True) == "Would send 6."
    assert run(now="2026-11-24T15:00Z", dry_run=True) == "Would send 1."


@pytest.mark.parametrize(
    "name", ["mail_recaps", "send_reminders", "mail_unowned", "deliver_webhooks"]
)
def test_a_former_name_does_the_same(name):
    close_week(make_cast().manager)
    assert run(name) == "Sent 9, cancelled 0, failed 0."
