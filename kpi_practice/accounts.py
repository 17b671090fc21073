"""How people come in: by invitation, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnlyAdapter(DefaultAccountAdapter):
    """Closes the sign-up page: an admin invites, the link in the mail sets the password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
