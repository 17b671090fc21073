"""Asking for a link that sets a new password."""

from datetime import datetime

from django.db import transaction

from funnel.models import Message
from funnel.outbox.queue import enqueue, latest, to_address


@transaction.atomic
def ask(*, email: str, now: datetime) -> None:
    """Queue a link for that address, unless one waits already.

    Nobody looks up here whether a login has the address, so that the time it takes does not show
    it: the mail is dropped when it would be sent. Three statements.
    """
    address = email.strip().lower()
    earlier = Message.objects.filter(kind=Message.Kind.PASSWORD, email=address)
    if earlier.waiting().filter(attempts=0).exists():
        return
    about = str(latest(earlier))
    enqueue([to_address(address, kind=Message.Kind.PASSWORD, about=about, now=now)])
