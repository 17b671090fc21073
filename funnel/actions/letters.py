"""Handing a mail to the mail server, a message a person."""

from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is written, twice the same: as text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Posted:
    """How many were told, and the names of those whose mail was refused while others' went."""

    told: int
    refused: tuple[str, ...] = ()


def post(letter: Letter, *, to: str, connection: Any) -> None:
    """Hands it over, for that one address. Raises OSError when the server does not take it:
    smtplib's errors are OSErrors too."""
    message = EmailMultiAlternatives(
        # A line break in a name would begin another header.
        subject=" ".join(letter.subject.split()),
        body=letter.text,
        to=[to],
        connection=connection,
    )
    message.attach_alternative(letter.html, "text/html")
    message.send()
