import logging
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Network, ip_address

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """Fixed windows of `seconds`."""

    name: str
    most: int
    seconds: int


def count(limit: Limit, who: str, now: datetime) -> int | None:
    """Seconds to wait, None within the limit. Not atomic: concurrent calls may exceed it."""
    window, spent = divmod(int(now.timestamp()), limit.seconds)
    key = f"{limit.name}:{who}:{window}"
    try:
        so_far = cache.get(key, 0)
        if so_far >= limit.most:
            return limit.seconds - spent
        cache.set(key, so_far + 1, limit.seconds)
    except DatabaseError:
        # On a full disk the cache cannot delete what has expired. Reading goes on, uncounted.
        log.warning("Not counted: %s", limit.name)
    return None


def address_of(request: HttpRequest) -> str:
    """IPv4 address or IPv6 /64 network. Raises PermissionDenied if unknown."""
    # One machine may own a whole /64.
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))
