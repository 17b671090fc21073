"""Addresses of pages, as mails state them."""

from typing import Any

from django.conf import settings
from django.urls import reverse


def link(name: str, *args: Any) -> str:
    """The whole address of a page: host and port are those of SITE_URL."""
    return settings.SITE_URL + reverse(name, args=args)
