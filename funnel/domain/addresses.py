"""Which addresses of the internet are anyone's to call."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# An address of these holds another one, which may be anyone's.
WRAPPERS = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def is_public(address: str) -> bool:
    """Whether an IP address is one that anyone on the internet may call; False for loopback,
    link-local and private ones, however they are written, and for what is no address."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in network for network in WRAPPERS):
            return False
    return found.is_global and not found.is_multicast
