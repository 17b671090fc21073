import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from funnel.models import Message
from funnel.outbox.delivery import Send
from funnel.outbox.mail import Letter, MailServer, mail_server
from funnel.outbox.outcome import Outcome
from funnel.senders import address, invitation, password, recap, reminder, unowned, webhook

# Writes a mail for the present moment; None if no longer needed.
Write = Callable[[Message, Mapping[str, Any], datetime], Letter | None]

WRITERS: Mapping[str, Write] = {
    Message.Kind.RECAP: recap.write,
    Message.Kind.REMINDER: reminder.write,
    Message.Kind.UNOWNED: unowned.write,
    Message.Kind.INVITATION: invitation.write,
    Message.Kind.PASSWORD: password.write,
    Message.Kind.ADDRESS: address.write,
}


@contextmanager
def sender(clock: Callable[[], datetime]) -> Iterator[Send]:
    """Shares one SMTP connection."""
    with mail_server() as server:

        def send(message: Message) -> Outcome:
            if message.kind == Message.Kind.WEBHOOK:
                return webhook.call(message, clock())
            return _mail(message, clock(), server)

        yield send


def _mail(message: Message, now: datetime, server: MailServer) -> Outcome:
    letter = WRITERS[message.kind](message, json.loads(message.body), now)
    if letter is None:
        return Outcome.cancelled("No longer needed when it was due.")
    to = message.staff.user.email if message.staff else message.email
    return server.send(letter, to=to)
