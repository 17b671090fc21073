from datetime import datetime

from django.db import transaction

from funnel.models import Message
from funnel.outbox.queue import enqueue, latest, to_address


@transaction.atomic
def ask(*, email: str, now: datetime) -> None:
    """Queue a reset without looking up the user: the duration reveals nothing. Three statements."""
    address = email.strip().lower()
    earlier = Message.objects.filter(kind=Message.Kind.PASSWORD, email=address)
    if earlier.waiting().filter(attempts=0).exists():
        return
    about = str(latest(earlier))
    enqueue([to_address(address, kind=Message.Kind.PASSWORD, about=about, now=now)])
