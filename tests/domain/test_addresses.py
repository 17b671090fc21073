from ipaddress import ip_address, ip_network

import pytest

from funnel.domain.addresses import is_public

# IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates, 2025) without
# those that are services of the public internet (AS112, AMT); multicast; and what is given out to
# nobody.
SPECIAL_PURPOSE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8"),
    *("169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.0.0/29"),
    *("192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32"),
    *("192.0.0.171/32", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4"),
    *("240.0.0.0/4", "255.255.255.255/32", "::1/128", "::/128"),
    *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64"),
    *("100:0:0:1::/64", "2001::/23", "2001::/32", "2001:1::1/128"),
    *("2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32"),
    *("2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28"),
    *("2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"),
    *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    *("4000::/3", "8000::/1"),
)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"]
)
def test_an_address_of_the_internet_is_anyones(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104 - looked at, not listened on
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "::127.0.0.1",
        "::ffff:0:7f00:1",
        "fec0::1",
        "5f00::1",
        "3fff::1",
        "192.88.99.1",
        "localhost",
        "",
        "1.2.3",
    ],
)
def test_one_of_a_private_network_is_not_however_it_is_written(address):
    assert not is_public(address)


@pytest.mark.parametrize("text", SPECIAL_PURPOSE)
def test_nothing_of_the_registries_of_special_purpose_is_anyones(text):
    network = ip_network(text)
    first, last = int(network[0]), int(network[-1])
    places = {first, last, (first + last) // 2, first + (last - first) // 4}
    for place in places:
        address = type(network[0])(place)
        assert not is_public(str(address)), address
        if address.version == 4:
            assert not is_public(f"::ffff:{address}"), address


def test_the_neighbours_of_those_are_anyones():
    for text in ("192.0.1.0", "191.255.255.255", "192.88.98.255", "223.255.255.255", "2001:200::"):
        assert is_public(str(ip_address(text))), text
