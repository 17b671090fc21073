"""Two clicks at once make one webhook."""

import pytest

from funnel.models import Webhook
from tests.cast import make_cast
from tests.factories import make_webhook
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def double_click(monkeypatch):
    admin = make_cast().admin
    meet_before(monkeypatch, (Webhook, "full_clean"))
    return at_once(*(lambda: make_webhook(admin) for _ in range(2)))


def test_a_double_click_makes_one_webhook(monkeypatch):
    first, second = double_click(monkeypatch)
    assert first == second
    assert Webhook.objects.count() == 1


def test_without_locks_one_of_the_two_is_refused(monkeypatch):
    without_locks(monkeypatch)
    refused = [it for it in double_click(monkeypatch) if isinstance(it, Exception)]
    assert len(refused) == 1
