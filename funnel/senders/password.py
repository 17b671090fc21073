"""The link that sets a password, to the address of a login."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from funnel.models import Message, User
from funnel.outbox.mail import Letter
from funnel.senders.letters import render_text
from funnel.senders.links import link


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """The mail with the link; None where no active login has the address, and where a later request
    waits for the same address. Two queries."""
    later = Message.objects.filter(kind=message.kind, email=message.email, pk__gt=message.pk)
    user = User.objects.filter(email=message.email, is_active=True).first()
    if user is None or later.exists():
        return None
    return render_text("password", email=user.email, link=link_to_set_password(user))


def link_to_set_password(user: User) -> str:
    """The address of the page that sets the user's password, with a key that works once."""
    key = default_token_generator.make_token(user)
    return link("account_reset_password_from_key", user_pk_to_url_str(user), key)
