"""Two hosts remind at the same moment: each person gets one mail."""

from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from funnel.actions import reminders
from funnel.models import Practice, Reminder
from tests.cast import make_cast
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

# An hour before the meeting of Tuesday at nine in New York: both the owners and the managers.
NOW = datetime(2026, 11, 24, 13, tzinfo=UTC).isoformat()


@pytest.fixture(autouse=True)
def _lumina_meets_on_tuesday():
    make_cast()
    Practice.objects.filter(slug="lumina").update(meeting_weekday=1)
    Practice.objects.filter(slug="harbor").update(reminders_at_most=0)


def run():
    out = StringIO()
    call_command("send_reminders", now=NOW, stdout=out)
    return out.getvalue()


def twice_at_once(monkeypatch):
    """What the two runs said or raised, and how many mails each address got."""
    meet_before(monkeypatch, (reminders, "post"))
    outcomes = at_once(run, run)
    return outcomes, Counter(letter.to[0] for letter in mail.outbox)


def test_each_is_told_once_and_nobody_is_left_out(monkeypatch):
    outcomes, told = twice_at_once(monkeypatch)
    assert [type(outcome) for outcome in outcomes] == [str, str]
    assert set(told.values()) == {1}
    assert len(told) == Reminder.objects.count() == 5


def test_without_locks_somebody_is_told_twice(monkeypatch):
    without_locks(monkeypatch)
    _, told = twice_at_once(monkeypatch)
    assert max(told.values()) == 2


def test_a_run_after_both_sends_nothing(monkeypatch):
    twice_at_once(monkeypatch)
    mail.outbox.clear()
    assert run() == "Reminded 0 people of missing numbers and told 0 managers.\n"
    assert mail.outbox == []
