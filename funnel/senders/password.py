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
    """None without an active user, or after a later request. Two queries."""
    later = Message.objects.filter(kind=message.kind, email=message.email, pk__gt=message.pk)
    user = User.objects.filter(email=message.email, is_active=True).first()
    if user is None or later.exists():
        return None
    return render_text("password", email=user.email, link=link_to_set_password(user))


def link_to_set_password(user: User) -> str:
    """Works once."""
    key = default_token_generator.make_token(user)
    return link("account_reset_password_from_key", user_pk_to_url_str(user), key)
