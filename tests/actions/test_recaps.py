"""actions/recaps.py; what the mail says is in tests/management/test_mail_recaps.py."""

import smtplib
import threading

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.db.models import QuerySet

from funnel.actions import meetings, recaps, staff
from funnel.models import Meeting, Staff, User
from tests.cast import make_cast
from tests.factories import WEEK, close_week, make_practice, make_staff, seat_for

# Longer than the other host needs when nothing holds it back.
PATIENCE = 0.7
BOUND = 15
LETTER = recaps.Letter("The recap\nBcc: x@y.example", "In words.", "<p>In words.</p>")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting():
    """Closed at Harbor, where Hal and Ida work."""
    harbor = make_practice("harbor")
    hal = make_staff(harbor, "Hal", access=Staff.Access.ADMIN)
    make_staff(harbor, "Ida")
    return close_week(hal)


def post(meeting, **how):
    return recaps.mail(meeting=meeting, **{"write": lambda: LETTER, **how})


def is_due():
    return Meeting.objects.get().recap_is_due


def failing(monkeypatch, *addresses, error=smtplib.SMTPRecipientsRefused):
    """The server takes no mail to those."""
    real = EmailMultiAlternatives.send

    def send(letter, *args, **kwargs):
        if letter.to[0] in addresses:
            raise error({})
        return real(letter, *args, **kwargs)

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)


@pytest.mark.django_db
def test_each_gets_a_message_of_their_own_in_text_and_html(meeting):
    assert post(meeting) == recaps.Posted(2)
    assert [letter.to for letter in mail.outbox] == [["hal@harbor.example"], ["ida@harbor.example"]]
    for letter in mail.outbox:
        assert (letter.cc, letter.bcc) == ([], [])
        assert letter.subject == "The recap Bcc: x@y.example"
        assert letter.body == "In words."
        assert [(a.content, a.mimetype) for a in letter.alternatives] == [
            ("<p>In words.</p>", "text/html")
        ]
    assert not is_due()


@pytest.mark.django_db
def test_once_and_not_again(meeting):
    post(meeting)
    assert post(meeting) == recaps.Posted(0)
    assert recaps.due() == []
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_only_active_staff_who_want_it_are_told():
    cast = make_cast()
    closed = close_week(cast.manager)
    close_week(cast.stranger)
    staff.wish_recap(by=seat_for(cast.owner), wants=False)
    Staff.objects.filter(pk=cast.viewer.pk).update(is_active=False)
    User.objects.filter(pk=cast.member.user_id).update(is_active=False)
    post(closed)
    assert [letter.to[0].split("@")[0] for letter in mail.outbox] == [
        "ada", "ana", "dana", "sam", "tom",
    ]  # fmt: skip


@pytest.mark.django_db
def test_where_nobody_wants_it_nothing_is_written_and_nothing_stays_due(meeting):
    Staff.objects.update(wants_recap=False)
    assert post(meeting, write=None) == recaps.Posted(0)
    assert not is_due()


@pytest.mark.django_db
def test_a_dry_run_tells_how_many_and_sends_nothing(meeting):
    assert post(meeting, write=None, dry_run=True) == recaps.Posted(2)
    assert mail.outbox == []
    assert is_due()


@pytest.mark.django_db
def test_a_week_opened_again_has_none_and_closed_again_has_it_again(meeting):
    hal = seat_for(Staff.objects.get(name="Hal"))
    meetings.reopen(by=hal, week=WEEK, reason="Counted twice.")
    assert recaps.due() == []
    assert post(meeting) == recaps.Posted(0)
    close_week(hal.staff)
    assert recaps.due() == [meeting]
    assert post(meeting) == recaps.Posted(2)


@pytest.mark.django_db
def test_a_server_that_takes_nothing_leaves_it_due(meeting, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, "hal@harbor.example", "ida@harbor.example", error=ConnectionRefusedError)
        with pytest.raises(ConnectionRefusedError):
            post(meeting)
    assert is_due()
    assert post(meeting) == recaps.Posted(2)


@pytest.mark.django_db
def test_a_server_that_cannot_be_reached_leaves_it_due(meeting, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(OSError, match="refused"):
        post(meeting)
    assert is_due()


@pytest.mark.django_db
def test_one_bad_address_keeps_it_from_nobody_else_and_sends_nothing_twice(meeting, monkeypatch):
    failing(monkeypatch, "hal@harbor.example")
    assert post(meeting) == recaps.Posted(1, ("Hal",))
    assert post(meeting) == recaps.Posted(0)
    assert [letter.to for letter in mail.outbox] == [["ida@harbor.example"]]


@pytest.mark.django_db
def test_the_meeting_closed_first_is_told_first(clock):
    cast = make_cast()
    later = close_week(cast.manager)
    clock.shift(-60)
    first = close_week(cast.stranger)
    assert recaps.due() == [first, later]


@pytest.mark.django_db
def test_asks_as_often_however_many_are_told(meeting, django_assert_num_queries):
    for number in range(12):
        make_staff(meeting.practice, f"Nurse{number}")
    with django_assert_num_queries(3 + 2):
        assert post(meeting) == recaps.Posted(14)


def two_hosts_at_once(meeting, monkeypatch):
    """How many each told; the second begins while the first one's mails are on their way."""
    real = EmailMultiAlternatives.send
    told = []

    def tell():
        told.append(post(meeting).told)

    def other_host():
        try:
            tell()
        finally:
            connection.close()

    other = threading.Thread(target=other_host)

    def send(letter, *args, **kwargs):
        if not other.ident:
            other.start()
            other.join(PATIENCE)
        return real(letter, *args, **kwargs)

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    tell()
    other.join(BOUND)
    return told


@pytest.mark.django_db(transaction=True)
def test_two_hosts_at_once_send_it_once(meeting, monkeypatch):
    assert sorted(two_hosts_at_once(meeting, monkeypatch)) == [0, 2]
    assert len(mail.outbox) == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_send(meeting, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert two_hosts_at_once(meeting, monkeypatch) == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_killed_on_the_way_it_is_still_due(meeting, monkeypatch):
    real = EmailMultiAlternatives.send

    def killed(letter, *args, **kwargs):
        if letter.to == ["ida@harbor.example"]:
            raise SystemExit
        return real(letter, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", killed)
        with pytest.raises(SystemExit):
            post(meeting)
    assert is_due()
    assert post(meeting) == recaps.Posted(2)
