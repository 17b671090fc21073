"""Two processes deliver at once, or one is killed: each message is sent once."""

import os
import signal
from collections import Counter

import pytest
from django.db import connections
from django.db.models import F
from django.utils import timezone

from funnel.models import Message
from funnel.outbox import delivery
from funnel.outbox.delivery import LEASE, deliver
from funnel.outbox.outcome import Outcome
from funnel.outbox.queue import enqueue, to_address
from tests.races.rendezvous import at_once, meet_before

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("ann", "ben", "cat", "dan", "eve")
YES = Outcome.delivered("Yes.")


@pytest.fixture(autouse=True)
def _queued():
    enqueue(
        to_address(f"{name}@x.example", kind=Message.Kind.PASSWORD, about="0", now=timezone.now())
        for name in NAMES
    )


class Server:
    """A mail server in a file, which outlives the process that hands it mails."""

    def __init__(self, path):
        self.path = path
        self.path.touch()

    def accepted(self):
        """How often each had its mail."""
        return Counter(self.path.read_text().split())

    def send(self, message):
        with self.path.open("a") as file:
            file.write(f"{message.email.split('@')[0]}\n")
        return YES


@pytest.fixture
def server(tmp_path):
    return Server(tmp_path / "accepted")


def run(send):
    return deliver(Message.objects.all(), send=send, clock=timezone.now)


def careless(message, now):
    """The naive variant: reads that it is due, then takes it."""
    is_due = Message.objects.due(now).filter(pk=message.pk).exists()
    delivery.wait_after(1)
    Message.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    return is_due


def claims(monkeypatch, claim):
    """What two processes that found the same message due get when both take it."""
    message = Message.objects.earliest("pk")
    now = timezone.now()
    meet_before(monkeypatch, (delivery, "wait_after"))

    def take():
        # Both have read it by now.
        if claim is not careless:
            delivery.wait_after(1)
        return claim(message, now)

    return at_once(take, take)


@pytest.mark.postgresql
def test_one_of_two_processes_takes_a_message(monkeypatch):
    # Each with the message as it was read.
    def claim(message, now):
        return delivery.claim(Message.objects.model(pk=message.pk, attempts=0), now)

    assert sorted(claims(monkeypatch, claim)) == [False, True]
    assert Message.objects.earliest("pk").attempts == 1


@pytest.mark.postgresql
def test_whoever_reads_first_and_takes_then_sends_it_twice(monkeypatch):
    assert claims(monkeypatch, careless) == [True, True]


def test_two_processes_at_once_send_each_once(server):
    at_once(lambda: run(server.send), lambda: run(server.send))
    assert server.accepted() == dict.fromkeys(NAMES, 1)


def run_and_be_killed(server, *, at, boundary):
    """A run in a process of its own, which a signal that nobody can catch ends at its message of
    that number: before it is claimed, before the server has it, after that, or once that is
    stored."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            # A connection opened before a browser's test is still the parent's own: with it the
            # killed process's transaction would stay open. Retained, because releasing it would end
            # it.
            _theirs = [each.connection for each in connections.all()]
            for each in connections.all():
                each.connection = None
            run(mortal(server, at, boundary))
        finally:
            os._exit(1)  # It was to be killed, and is no second run of the tests.
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def mortal(server, at, boundary):
    """How a message is sent by a process that ends at that boundary of message number `at`."""
    claim, settle, count = delivery.claim, delivery.settle, 0

    def pass_by(here):
        if count == at and boundary == here:
            os.kill(os.getpid(), signal.SIGKILL)

    def claimed(message, now):
        nonlocal count
        count += 1
        pass_by("unclaimed")
        return claim(message, now)

    def sent(message):
        pass_by("claimed")
        outcome = server.send(message)
        pass_by("sent")
        return outcome

    def settled(message, outcome, now):
        settle(message, outcome, now)
        pass_by("settled")

    delivery.claim, delivery.settle = claimed, settled
    return sent


@pytest.mark.parametrize("at", [1, 3, 5])
@pytest.mark.parametrize("boundary", ["unclaimed", "claimed", "sent", "settled"])
def test_killed_at_any_moment_nothing_is_lost_and_only_the_one_in_flight_comes_again(
    server, at, boundary
):
    run_and_be_killed(server, at=at, boundary=boundary)
    # The others are sent at once, the claimed one after its lease.
    run(server.send)
    Message.objects.waiting().update(due_at=F("due_at") - LEASE)
    run(server.send)
    twice = [name for name, count in server.accepted().items() if count == 2]
    assert set(server.accepted()) == set(NAMES)
    assert sum(server.accepted().values()) == len(NAMES) + len(twice)
    assert len(twice) == (boundary == "sent")
    assert not Message.objects.exclude(state="delivered").exists()


def test_without_a_claim_a_killed_process_leaves_it_to_be_sent_at_once_by_all(server, monkeypatch):
    """The naive variant: taken by nobody, a message is sent by each process that found it due."""
    monkeypatch.setattr(delivery, "claim", lambda message, now: True)
    seen = []

    def send(message):
        seen.append(message.email)
        if len(seen) == 1:
            run(server.send)
        return server.send(message)

    run(send)
    assert max(server.accepted().values()) == 2
