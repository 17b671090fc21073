"""Which tests are run on each of two databases, and which on one: tests/conftest.py."""

import pytest

from tests.conftest import asks_a_database


def test_arithmetic_is_tested_once(request):
    assert not asks_a_database(request.node)


@pytest.mark.django_db
def test_what_asks_a_database_is_tested_on_each(request):
    assert asks_a_database(request.node)


def test_so_is_what_asks_it_through_a_fixture(request, db):
    assert asks_a_database(request.node)


@pytest.mark.looks
@pytest.mark.django_db
def test_how_a_page_looks_is_seen_once(request):
    assert not asks_a_database(request.node)
