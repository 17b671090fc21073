"""actions/reminders.py; what the mails say is in tests/management/test_send_reminders.py."""

import smtplib
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends import locmem
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.actions import reminders
from funnel.actions.letters import Letter, Posted
from funnel.actions.refusals import Busy
from funnel.domain.reminding import Kind
from funnel.models import Practice, Reminder, Staff
from tests.cast import make_cast
from tests.factories import WEEK

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 11, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def people(cast):
    return [cast.owner, cast.marketer, cast.coordinator]


def letter():
    return Letter("Missing", "In words.", "<p>In words.</p>")


def remind(people, kind=Kind.FIRST, write=letter):
    return reminders.mail(
        week=WEEK, kind=kind, letters={person.pk: write for person in people}, now=NOW
    )


def reached():
    return [message.to[0].split("@")[0] for message in mail.outbox]


def at_send(monkeypatch, name, error, *, is_taken=False):
    """The mail to that person raises `error`, after the server has taken it or before."""
    real = EmailMultiAlternatives.send

    def send(message, *args, **kwargs):
        is_theirs = message.to[0].startswith(f"{name}@")
        if is_theirs and not is_taken:
            raise error
        sent = real(message, *args, **kwargs)
        if is_theirs:
            raise error
        return sent

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)


def test_each_is_told_once_and_it_is_noted_when(people):
    assert remind(people) == Posted(3)
    assert reached() == ["maya", "tom", "dana"]
    assert remind(people) == Posted(0)
    assert len(mail.outbox) == 3
    noted = Reminder.objects.get(staff=people[0])
    assert (noted.week, noted.kind, noted.mailed) == (WEEK.monday, "first", NOW)


def test_each_kind_and_each_week_by_itself(people):
    for kind in Kind:
        remind(people, kind)
    assert len(mail.outbox) == 9
    letters = {people[0].pk: letter}
    assert reminders.mail(week=WEEK.next, kind=Kind.FIRST, letters=letters, now=NOW).told == 1


def test_nobody_to_tell_needs_no_mail_server(people, monkeypatch):
    monkeypatch.setattr(reminders, "get_connection", None)
    assert remind([]) == Posted(0)


def test_a_letter_is_not_written_for_whoever_has_had_it(people):
    remind(people)
    assert remind(people, write=None) == Posted(0)


@pytest.mark.parametrize(("most", "told"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_never_more_than_the_practice_allows(people, most, told):
    Practice.objects.filter(slug="lumina").update(reminders_at_most=most)
    for kind in Kind:
        remind(people[:1], kind)
    assert len(mail.outbox) == told


@pytest.mark.parametrize(
    ("wish", "kinds"),
    [("both", ["first", "second", "managers"]), ("last", ["second", "managers"]), ("none", [])],
)
def test_never_more_than_the_person_wishes(people, wish, kinds):
    Staff.objects.filter(pk=people[0].pk).update(reminders=wish)
    for kind in Kind:
        remind(people[:1], kind)
    told = Reminder.objects.order_by("id").values_list("kind", flat=True)
    assert list(told) == kinds


def test_whoever_left_in_the_meantime_is_told_nothing(people):
    Staff.objects.filter(pk=people[0].pk).update(is_active=False)
    assert remind(people) == Posted(2)
    assert not Reminder.objects.filter(staff=people[0]).exists()


def test_one_that_fails_stays_due_and_costs_nobody_else_theirs(people, monkeypatch):
    with monkeypatch.context() as patch:
        at_send(patch, "tom", smtplib.SMTPRecipientsRefused({}))
        posted = remind(people)
    assert posted.told == 2
    assert [name.split(" ")[0] for name in posted.refused] == ["Tom"]
    assert reached() == ["maya", "dana"]
    assert remind(people) == Posted(1)
    assert reached() == ["maya", "dana", "tom"]


def test_one_whose_row_somebody_holds_stays_due_and_costs_nobody_else_theirs(people, monkeypatch):
    real = reminders._tell

    def busy(staff_id, *rest):
        if staff_id == people[1].pk:
            raise Busy("Someone else is saving here right now.")
        return real(staff_id, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "_tell", busy)
        posted = remind(people)
    assert posted == Posted(2, ("Tom (Someone else is saving here right now.)",))
    assert remind(people) == Posted(1)


def test_without_a_mail_server_nobody_is_told_and_all_of_it_stays_due(people, monkeypatch):
    def refuse(connection):
        raise ConnectionRefusedError("no mail server")

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "open", refuse)
        with pytest.raises(ConnectionRefusedError):
            remind(people)
    assert not Reminder.objects.exists()
    assert remind(people) == Posted(3)


@pytest.mark.parametrize("victim", ["maya", "tom", "dana"])
def test_killed_between_two_mails_nothing_is_sent_twice_and_nothing_skipped(
    people, monkeypatch, victim
):
    with monkeypatch.context() as patch:
        at_send(patch, victim, Killed())
        with pytest.raises(Killed):
            remind(people)
    before = reached()
    assert victim not in before
    remind(people)
    assert sorted(reached()) == ["dana", "maya", "tom"]
    assert Reminder.objects.count() == 3


def test_killed_while_the_server_takes_one_that_one_alone_comes_again(people, monkeypatch):
    with monkeypatch.context() as patch:
        at_send(patch, "tom", Killed(), is_taken=True)
        with pytest.raises(Killed):
            remind(people)
    remind(people)
    assert sorted(reached()) == ["dana", "maya", "tom", "tom"]


def test_three_statements_a_mail_beside_the_transaction(people):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            remind(people)
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    assert statements() == 9
    assert statements() == 6
