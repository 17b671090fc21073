"""Which addresses of the internet are anyone's to call."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# All that is given out of the wide space of addresses; the rest is of no one, or of one's own.
GIVEN_OUT = IPv6Network("2000::/3")
# Of special purpose by the registries of IANA, also where some release of Python calls it global:
# assignments of the IETF, former anycast relays, addresses that hold another one, which may be
# anyone's, and documents.
SPECIAL: tuple[IPv4Network | IPv6Network, ...] = (
    *map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")),
    *map(IPv6Network, ("2001::/23", "2002::/16", "3fff::/20")),
)


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
        elif found not in GIVEN_OUT:
            return False
    if any(found in network for network in SPECIAL):
        return False
    return found.is_global and not found.is_multicast
