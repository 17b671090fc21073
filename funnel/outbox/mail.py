"""The only place that sends mails."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from funnel.outbox.outcome import Outcome

REFUSALS = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError)


@dataclass(frozen=True, slots=True)
class Letter:
    """`html` may be ""."""

    subject: str
    text: str
    html: str = ""


class MailServer:
    """Connects with the first mail."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def send(self, letter: Letter, *, to: str) -> Outcome:
        """Unreached without a connection."""
        try:
            self._connection.open()
        except OSError as error:  # SMTPException and network errors
            self.close()
            return Outcome.unreached(f"There is no mail server: {type(error).__name__}.")
        try:
            _message(letter, to, self._connection).send()
        except REFUSALS as error:
            self.close()
            return Outcome.refused(f"The mail server refused it: {_reply(error)}.")
        except OSError as error:
            self.close()
            return Outcome.lost(f"The mail server did not confirm it: {type(error).__name__}.")
        return Outcome.delivered("The mail server accepted it.")

    def close(self) -> None:
        """The next mail reconnects."""
        with suppress(OSError):
            self._connection.close()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer(get_connection())
    try:
        yield server
    finally:
        server.close()


def _message(letter: Letter, to: str, connection: Any) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        # Prevents header injection.
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        to=[to],
        connection=connection,
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


def _reply(error: OSError) -> str:
    """The text may repeat the address."""
    if isinstance(error, SMTPRecipientsRefused):
        return ", ".join(str(code) for code, _ in error.recipients.values()) or "no recipient"
    return str(getattr(error, "smtp_code", type(error).__name__))
