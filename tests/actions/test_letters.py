"""actions/letters.py: a mail as the server gets it."""

from django.core import mail
from django.core.mail import get_connection

from funnel.actions.letters import Letter, post


def test_is_text_and_html_to_one_address():
    post(Letter("Now", "Words.", "<p>Words.</p>"), to="m@x.example", connection=get_connection())
    (letter,) = mail.outbox
    assert (letter.subject, letter.body, letter.to) == ("Now", "Words.", ["m@x.example"])
    assert letter.alternatives[0] == ("<p>Words.</p>", "text/html")


def test_a_line_break_begins_no_header():
    letter = Letter("Lumina\r\nBcc: all@x.example", "Words.", "<p>Words.</p>")
    post(letter, to="m@x.example", connection=get_connection())
    assert mail.outbox[0].subject == "Lumina Bcc: all@x.example"
