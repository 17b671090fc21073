"""Two hosts remind at the same moment, or one is killed: each person gets one mail."""

import os
import signal
from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections

from funnel.actions import reminders
from funnel.models import Practice, Reminder
from tests.cast import make_cast
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = pytest.mark.django_db(transaction=True)

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


@pytest.mark.postgresql
def test_each_is_told_once_and_nobody_is_left_out(monkeypatch):
    outcomes, told = twice_at_once(monkeypatch)
    assert [type(outcome) for outcome in outcomes] == [str, str]
    assert set(told.values()) == {1}
    assert len(told) == Reminder.objects.count() == 5


@pytest.mark.postgresql
def test_without_locks_somebody_is_told_twice(monkeypatch):
    without_locks(monkeypatch)
    _, told = twice_at_once(monkeypatch)
    assert max(told.values()) == 2


@pytest.mark.postgresql
def test_a_run_after_both_sends_nothing(monkeypatch):
    twice_at_once(monkeypatch)
    mail.outbox.clear()
    assert run() == "Reminded 0 people of missing numbers and told 0 managers.\n"
    assert mail.outbox == []


class Server:
    """A mail server in a file, which outlives the process that hands it mails."""

    def __init__(self, path):
        self.path = path
        self.path.touch()

    def took(self):
        """Whom the mails it took were for, in their order."""
        return self.path.read_text().split()

    def take(self, letter, *, to, connection):
        """As `actions.letters.post`."""
        with self.path.open("a") as file:
            file.write(f"{to}\n")


def run_and_be_killed(monkeypatch, server, *, at, is_taken):
    """A run in a process of its own, which a signal that nobody can catch ends at its mail of that
    number, before the server has taken it or right after."""

    def post(letter, **how):
        is_last = len(server.took()) == at - 1
        if not is_last or is_taken:
            server.take(letter, **how)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            # One that was open before a browser's test is still the parent's own: with it the
            # killed one's transaction would live on. Kept, because letting it go would end it.
            _theirs = [each.connection for each in connections.all()]
            for each in connections.all():
                each.connection = None
            monkeypatch.setattr(reminders, "post", post)
            run()
        finally:
            os._exit(1)  # It was to be killed, and is no second run of the tests.
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("at", [1, 3, 5])
def test_killed_between_two_mails_nothing_is_sent_twice_and_nothing_skipped(
    monkeypatch, tmp_path, at
):
    server = Server(tmp_path / "taken")
    run_and_be_killed(monkeypatch, server, at=at, is_taken=False)
    assert len(server.took()) == Reminder.objects.count() == at - 1
    monkeypatch.setattr(reminders, "post", server.take)
    run()
    assert Counter(server.took()).most_common(1)[0][1] == 1
    assert len(server.took()) == Reminder.objects.count() == 5


def test_killed_before_it_could_note_a_mail_that_one_alone_comes_again(monkeypatch, tmp_path):
    server = Server(tmp_path / "taken")
    run_and_be_killed(monkeypatch, server, at=3, is_taken=True)
    assert (len(server.took()), Reminder.objects.count()) == (3, 2)
    monkeypatch.setattr(reminders, "post", server.take)
    run()
    assert sorted(Counter(server.took()).values()) == [1, 1, 1, 1, 2]
