from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from funnel.models import Message, Staff
from funnel.outbox.mail import Letter
from funnel.senders.letters import render_text
from funnel.senders.links import link
from funnel.senders.password import link_to_set_password


def write(message: Message, body: Mapping[str, Any], now: datetime) -> Letter | None:
    """None for former staff.

    Only the mail differs for existing users: admins do not learn which exist.
    """
    person = message.staff
    if person is None or not (person.is_active and person.user.is_active):
        return None
    has_password = person.user.has_usable_password()
    return render_text(
        "invitation",
        name=person.name,
        practice=person.practice.name,
        inviter=body["inviter"],
        email=person.user.email,
        has_password=has_password,
        is_to_join=not person.has_accepted,
        link=_sign_in(person) if has_password else link_to_set_password(person.user),
        days=settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60),
    )


def _sign_in(person: Staff) -> str:
    is_in = person.has_accepted
    page = reverse("dashboard", args=[person.practice.slug]) if is_in else reverse("home")
    return f"{link('account_login')}?{urlencode({'next': page})}"
