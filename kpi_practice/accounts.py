"""How people come in: by invitation, never by signing up."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

logger = logging.getLogger(__name__)


class InvitedOnlyAdapter(DefaultAccountAdapter):
    """Closes the sign-up page: an admin invites, the link in the mail sets the password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends one of the sign-in mails; a mail server that is down is logged, not a 500.

        The page answers the same either way, so it does not tell which addresses are known.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:  # SMTPException is one, and so is every failure of the network.
            logger.exception("A mail could not be sent: %s", template_prefix)
