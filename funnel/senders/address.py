from collections.abc import Mapping
from datetime import datetime
from typing import Any

from funnel.actions import addresses
from funnel.models import AddressChange, Message
from funnel.outbox.mail import Letter
from funnel.senders.letters import render_text
from funnel.senders.links import link


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """None if the change ended, or if the password changed since. One query."""
    open_ones = AddressChange.objects.filter(pk=body["change"], done=None)
    change = open_ones.select_related("user").first()
    if change is None or body["password"] != addresses.password_of(change.user):
        return None
    return render_text(
        "address",
        change=change,
        is_new=body["mailbox"] == "new",
        link=link("confirm-address", addresses.signed(change, body["mailbox"])),
    )
