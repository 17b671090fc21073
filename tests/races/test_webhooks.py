"""Two hosts deliver at once: each message goes out once."""

import pytest
from django.utils import timezone

from funnel.actions import webhooks
from funnel.models import Delivery, Webhook
from tests.cast import make_cast
from tests.factories import make_webhook, seat_for
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def careless(delivery, now):
    """The naive variant: reads that it is due, then takes it."""
    is_due = Delivery.objects.due(now).filter(pk=delivery.pk).exists()
    webhooks.wait_after(1)
    Delivery.objects.filter(pk=delivery.pk).update(tries=1, next_try=None)
    return is_due


def claims(monkeypatch, claim):
    """What two hosts that found the same message due are told when both take it."""
    admin = make_cast().admin
    hook = make_webhook(admin)
    webhooks.test(by=seat_for(admin), webhook=hook, once="x")
    now = timezone.now()
    [delivery] = webhooks.due(now)
    meet_before(monkeypatch, (webhooks, "wait_after"))
    return at_once(*(lambda: claim(delivery, now) for _ in range(2)))


def test_one_of_two_hosts_takes_a_message(monkeypatch):
    assert sorted(claims(monkeypatch, webhooks.claim)) == [False, True]
    assert Delivery.objects.get().tries == 1


def test_whoever_reads_first_and_takes_then_sends_it_twice(monkeypatch):
    assert claims(monkeypatch, careless) == [True, True]


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
