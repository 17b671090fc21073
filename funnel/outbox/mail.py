"""The only place that sends mails."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from funnel.outbox.outcome import Outcome


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
        """Refused for this mail or address; unreached if the server accepts none."""
        try:
            self._connection.open()
            _message(letter, to, self._connection).send()
        except (SMTPRecipientsRefused, SMTPDataError) as error:
            self.close()
            return Outcome.refused(f"The mail server refused it: {_reply(error)}.")
        except OSError as error:  # SMTPException and network errors
            self.close()
            return Outcome.unreached(f"The mail server did not accept it: {type(error).__name__}.")
        return Outcome.delivered("The mail server accepted it.")

    def close(self) -> None:
        """The next mail reconnects."""
        with suppress(OSError):
            self._connection.close()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """The server of EMAIL_URL."""
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


def _reply(error: SMTPRecipientsRefused | SMTPDataError) -> str:
    """The code only: the text may repeat the address."""
    if isinstance(error, SMTPDataError):
        return str(error.smtp_code)
    return ", ".join(str(code) for code, _ in error.recipients.values()) or "no recipient"
