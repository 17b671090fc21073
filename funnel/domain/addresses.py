from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Global unicast; everything outside is reserved or local.
GIVEN_OUT = IPv6Network("2000::/3")
# Special purpose in the IANA registries, although some Python releases call them global: IETF
# protocol assignments, former 6to4 relays, addresses that embed another one (Teredo, 6to4) and
# documentation.
SPECIAL: tuple[IPv4Network | IPv6Network, ...] = (
    *map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")),
    *map(IPv6Network, ("2001::/23", "2002::/16", "3fff::/20")),
)


def is_public(address: str) -> bool:
    """Whether an IP address is public, however written; False for other text."""
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
