"""The confirmation of a new e-mail address, to the old and the new mailbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from funnel.actions import addresses
from funnel.models import AddressChange, Message
from funnel.outbox.mail import Letter
from funnel.senders.letters import render_text
from funnel.senders.links import link


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """The mail with the link of one mailbox; None where the change was done or given up. One
    query."""
    open_ones = AddressChange.objects.filter(pk=body["change"], done=None)
    change = open_ones.select_related("user").first()
    if change is None:
        return None
    return render_text(
        "address",
        change=change,
        is_new=body["mailbox"] == "new",
        link=link("confirm-address", addresses.signed(change, body["mailbox"])),
    )
