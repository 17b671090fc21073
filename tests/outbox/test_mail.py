"""outbox/mail.py: a mail as the server gets it, and what a failure is taken for."""

import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends import locmem

from funnel.outbox.mail import Letter, mail_server
from funnel.outbox.outcome import Result

LETTER = Letter("Now", "Words.", "<p>Words.</p>")
TO = "m@x.example"


def send(letter=LETTER):
    with mail_server() as server:
        return server.send(letter, to=TO)


def test_is_text_and_html_to_one_address():
    assert send().result is Result.DELIVERED
    (letter,) = mail.outbox
    assert (letter.subject, letter.body, letter.to) == ("Now", "Words.", [TO])
    assert (letter.cc, letter.bcc) == ([], [])
    assert letter.alternatives[0] == ("<p>Words.</p>", "text/html")


def test_may_be_text_alone():
    send(Letter("Now", "Words."))
    assert mail.outbox[0].alternatives == []


def test_a_line_break_begins_no_header():
    send(Letter("Lumina\r\nBcc: all@x.example", "Words."))
    assert mail.outbox[0].subject == "Lumina Bcc: all@x.example"


@pytest.mark.parametrize(
    ("error", "result", "sentence"),
    [
        (
            smtplib.SMTPRecipientsRefused({TO: (550, b"no such user m@x.example")}),
            Result.REFUSED,
            "The mail server refused it: 550.",
        ),
        (
            smtplib.SMTPDataError(554, b"spam from m@x.example"),
            Result.REFUSED,
            "The mail server refused it: 554.",
        ),
        (
            smtplib.SMTPServerDisconnected("gone"),
            Result.LOST,
            "The mail server did not confirm it: SMTPServerDisconnected.",
        ),
        (
            smtplib.SMTPSenderRefused(552, b"too big", "kpi@x.example"),
            Result.REFUSED,
            "The mail server refused it: 552.",
        ),
        (
            TimeoutError(),
            Result.LOST,
            "The mail server did not confirm it: TimeoutError.",
        ),
    ],
)
def test_a_failure_is_of_the_message_or_of_the_server_and_names_nobody(
    monkeypatch, error, result, sentence
):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", fail)
    outcome = send()
    assert (outcome.result, outcome.sentence) == (result, sentence)


def test_without_a_server_nothing_is_reached(monkeypatch):
    def refuse(connection):
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(locmem.EmailBackend, "open", refuse)
    assert send().result is Result.UNREACHED


def test_nothing_to_send_opens_no_connection(monkeypatch):
    monkeypatch.setattr(locmem.EmailBackend, "open", None)
    with mail_server():
        pass
