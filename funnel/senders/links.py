from typing import Any

from django.conf import settings
from django.urls import reverse


def link(name: str, *args: Any) -> str:
    """Absolute, from SITE_URL."""
    return settings.SITE_URL + reverse(name, args=args)
