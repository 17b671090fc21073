"""Asking for a link that sets a new password."""

from datetime import datetime

from django.db import transaction

from funnel.models import Message
from funnel.outbox.queue import enqueue, latest, to_address


@transaction.atomic
def ask(*, email: str, now: datetime) -> None:
    """Queue a link for that address; two requests at once queue one. Two statements.

    The same statements for every address: whether a login has it, and whether a later request
    replaces this one, is looked up when the mail is sent, where nobody can measure it.
    """
    address = email.strip().lower()
    about = str(latest(Message.objects.filter(kind=Message.Kind.PASSWORD, email=address)))
    enqueue([to_address(address, kind=Message.Kind.PASSWORD, about=about, now=now)])
