"""Handing mails to the mail server: the only place that does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from funnel.outbox.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is written: as text and, where `html` is not "", as HTML too."""

    subject: str
    text: str
    html: str = ""


class MailServer:
    """A connection that is opened with the first mail; see `mail_server`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def send(self, letter: Letter, *, to: str) -> Outcome:
        """Hand a mail over, for that one address.

        Refused where the server refuses this mail or its address; unreached where there is no
        server that accepts any.
        """
        try:
            self._connection.open()
            _message(letter, to, self._connection).send()
        except (SMTPRecipientsRefused, SMTPDataError) as error:
            self.close()
            return Outcome.refused(f"The mail server refused it: {_reply(error)}.")
        except OSError as error:  # SMTPException is one, and so is every failure of the network.
            self.close()
            return Outcome.unreached(f"The mail server did not accept it: {type(error).__name__}.")
        return Outcome.delivered("The mail server accepted it.")

    def close(self) -> None:
        """End the connection: the next mail opens another."""
        with suppress(OSError):
            self._connection.close()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """The mail server of EMAIL_URL, for as many mails as are sent; nothing is opened for none."""
    server = MailServer(get_connection())
    try:
        yield server
    finally:
        server.close()


def _message(letter: Letter, to: str, connection: Any) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        # A line break in a name would begin another header.
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        to=[to],
        connection=connection,
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


def _reply(error: SMTPRecipientsRefused | SMTPDataError) -> str:
    """The code alone: servers repeat the address in their text."""
    if isinstance(error, SMTPDataError):
        return str(error.smtp_code)
    return ", ".join(str(code) for code, _ in error.recipients.values()) or "no recipient"
