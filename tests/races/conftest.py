import pytest

from funnel.actions import refusals


@pytest.fixture(autouse=True)
def _no_second_attempt(monkeypatch):
    """Show a deadlock instead of calling the action again: races test that locks are taken in an
    order that has none. Overridden in test_deadlocks.py."""
    monkeypatch.setattr(refusals, "is_deadlock", lambda error: False)
