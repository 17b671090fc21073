"""How often: what one address or one token may do in a time, counted for all processes together."""

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
    """At most so often in so many seconds, by the clock and not from the first time on."""

    name: str
    most: int
    seconds: int


def count(limit: Limit, who: str, now: datetime) -> int | None:
    """Counts once more for `who`; None while that is within the limit, else the seconds until it is
    again.

    Not counted atomically: two at once may count as one, which lets a few more through.
    """
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
    """Where the client counts as being, behind as many proxies as the settings trust: its IPv4
    address, or the /64 of its IPv6 address, all of which one machine may have to itself.

    Raises PermissionDenied where the address is not known.
    """
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))
