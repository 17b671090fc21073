from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import RequestFactory

from funnel import limits

pytestmark = pytest.mark.django_db

THREE = limits.Limit("tries", most=3, seconds=60)
NOW = datetime(2026, 11, 24, 15, 0, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


def test_lets_as_many_through_as_it_says_and_then_tells_how_long_to_wait():
    assert [limits.count(THREE, "a", NOW) for _ in range(5)] == [None, None, None, 40, 40]


def test_each_is_counted_alone_and_so_is_each_limit():
    for _ in range(3):
        limits.count(THREE, "a", NOW)
    other = limits.Limit("others", most=3, seconds=60)
    assert limits.count(THREE, "b", NOW) is None
    assert limits.count(other, "a", NOW) is None


def test_begins_anew_with_the_next_minute():
    for _ in range(4):
        limits.count(THREE, "a", NOW)
    assert limits.count(THREE, "a", NOW + timedelta(seconds=39)) == 1
    assert limits.count(THREE, "a", NOW + timedelta(seconds=40)) is None


def test_what_cannot_be_counted_is_let_through(monkeypatch, caplog):
    def full(*_):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(limits.cache, "set", full)
    assert [limits.count(THREE, "a", NOW) for _ in range(5)] == [None] * 5
    assert caplog.messages == ["Not counted: tries"] * 5


def test_an_address_is_not_taken_from_a_header_that_anyone_may_write():
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.7"})
    assert limits.address_of(request) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_an_ipv6_network_of_one_machine_counts_as_one_address(address, counted):
    assert limits.address_of(RequestFactory().get("/", REMOTE_ADDR=address)) == counted
