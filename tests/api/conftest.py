import pytest
import time_machine
from _pytest.nodeid import coerce_node_id

from tests.cast import make_cast


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def pytest_itemcollected(item):
    """Give each operation of tests/api/test_contract.py an id of its own. Since pytest 9 those of
    schemathesis share one, and of two tests with one id only one is run in parallel."""
    if not item.nodeid.endswith(item.name):
        item._id = coerce_node_id(f"{item.parent.nodeid}::{item.name}")
