"""outbox/delivery.py: what is due is sent once, later again, and given up in the end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from funnel.models import Message
from funnel.outbox import delivery
from funnel.outbox.delivery import claim, deliver, expire, settle, waiting_at
from funnel.outbox.outcome import Outcome, Result
from funnel.outbox.queue import enqueue, to_address, to_staff, to_webhook
from tests.factories import make_practice, make_staff, make_webhook

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
YES, NO = Outcome.delivered("Yes."), Outcome.refused("No.")
GONE, LOST = Outcome.unreached("Gone."), Outcome.lost("Lost.")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def queue(*names, now=NOW):
    """A mail to each of those, due in that order."""
    enqueue(
        to_address(f"{name}@x.example", kind=Message.Kind.PASSWORD, about="0", now=now)
        for name in names
    )


def run(answers=None, **how):
    """Deliver, where each recipient's answer is that of `answers`, else yes; to whom it was."""
    sent = []

    def send(message):
        name = message.email.split("@")[0] or message.webhook.url
        sent.append(name)
        return (answers or {}).get(name, YES)

    deliver(Message.objects.all(), send=send, clock=timezone.now, **how)
    return sent


def one():
    return Message.objects.get()


def test_the_longest_due_is_sent_first_and_once():
    queue("b", now=NOW)
    queue("a", now=NOW - timedelta(minutes=1))
    assert run() == ["a", "b"]
    assert run() == []
    assert set(Message.objects.values_list("state", "delivered_at")) == {("delivered", NOW)}


def test_what_is_claimed_is_not_sent_by_another_process_until_its_lease_is_over(clock):
    queue("a")
    message = one()
    assert claim(message, NOW)
    assert not claim(one(), NOW)
    assert run() == []
    clock.shift(delivery.LEASE)
    assert run() == ["a"]


def test_a_claim_by_what_was_read_before_another_one_took_it_fails():
    queue("a")
    first, second = one(), one()
    assert claim(first, NOW)
    assert not claim(second, NOW)


def test_a_refused_one_waits_longer_each_time_and_is_given_up(clock):
    queue("a")
    waits = []
    while (message := one()).state == "waiting":
        assert run({"a": NO}) == ["a"]
        if due_at := one().due_at:
            waits.append(int((due_at - timezone.now()).total_seconds() / 60))
            clock.move_to(due_at)
    assert waits == [1, 5, 30, 120, 480, 1440, 2880]
    assert (message.state, message.attempts, message.answer) == ("dead", 8, "No.")


def test_a_refused_one_holds_up_no_other():
    queue("a", "b", "c")
    assert run({"a": NO}) == ["a", "b", "c"]
    assert Message.objects.filter(state="delivered").count() == 2


def test_without_a_mail_server_one_is_tried_each_minute_and_none_is_given_up(clock):
    queue("a", "b", "c")
    tried = []
    for _ in range(30):
        tried += run({"a": GONE, "b": GONE, "c": GONE})
        clock.shift(60)
    assert len(tried) == 30
    assert Message.objects.waiting().count() == 3
    assert sorted(run()) == ["a", "b", "c"]


def test_what_the_server_may_have_is_not_sent_every_minute(clock):
    queue("a", "b")
    sent = []
    for _ in range(60):
        sent += run({"a": LOST})
        clock.shift(60)
    # After 0, 1, 6 and 36 minutes; the other mail waits for the next run.
    assert sent.count("a") == 4
    assert sent.count("b") == 1


def test_an_outage_makes_no_refusal_the_last_one(clock):
    queue("a")
    for _ in range(9):
        run({"a": GONE})
        clock.shift(60)
    run({"a": NO})
    assert (one().state, one().refusals) == ("waiting", 1)


def test_without_a_mail_server_webhooks_are_called_all_the_same():
    hook = make_webhook(make_staff(make_practice(), "Ada", access="admin"))
    queue("a", "b")
    enqueue([to_webhook(hook, event=Message.Event.TEST, about="t", body="{}", now=NOW)])
    assert run({"a": GONE}) == ["a", hook.url]


@pytest.fixture
def ada():
    return make_staff(make_practice(), "Ada", access="admin")


def call(hook, *, times=3):
    enqueue(
        to_webhook(hook, event=Message.Event.TEST, about=str(n), body="{}", now=NOW)
        for n in range(times)
    )


def test_a_webhook_that_does_not_answer_holds_up_no_other(ada, clock):
    deaf = [make_webhook(ada, f"https://d{n}.example/", str(n)) for n in range(3)]
    keen = make_webhook(ada, once="keen")
    for hook in (*deaf, keen):
        call(hook)
    no = {hook.url: NO for hook in deaf}
    # Each call of a deaf one takes all of a run.
    for number in range(3):
        assert run(no, goes_on=iter([True, True, False, False]).__next__) == [deaf[number].url]
    assert run(no) == [keen.url] * 3
    # Only the oldest of each counts an attempt.
    assert [hook.messages.filter(attempts=1).count() for hook in deaf] == [1, 1, 1]
    clock.shift(60)
    assert run(no) == [hook.url for hook in deaf]


def test_a_cancelled_one_is_not_sent_again():
    queue("a")
    run({"a": Outcome.cancelled("Its reason is gone.")})
    assert (one().state, one().due_at, one().answer) == ("cancelled", None, "Its reason is gone.")


def test_an_error_in_one_is_logged_without_its_words_and_holds_up_no_other(caplog):
    queue("a", "b")
    words = "a@x.example is in no list"

    def send(message):
        if message.email.startswith("a@"):
            raise LookupError(words)
        return YES

    results = deliver(Message.objects.all(), send=send, clock=timezone.now)
    assert results == {Result.REFUSED: 1, Result.DELIVERED: 1}
    assert "LookupError at" in caplog.text
    assert "@x.example" not in caplog.text
    assert Message.objects.waiting().get().answer == "It could not be sent: LookupError."


def test_one_that_was_cancelled_while_it_was_sent_stays_cancelled():
    queue("a")
    message = one()
    claim(message, NOW)
    Message.objects.update(state="cancelled", due_at=None)
    settle(message, YES, NOW)
    assert one().state == "cancelled"


def test_a_cancelled_one_leaves_its_key_to_another():
    queue("a")
    run({"a": Outcome.cancelled("Its reason is gone.")})
    queue("a")
    assert run() == ["a"]


def test_what_is_cancelled_uses_up_no_rate(settings):
    settings.MAILS_A_MINUTE = 5
    queue(*(f"n{number}" for number in range(30)), "last")
    gone = {f"n{number}": Outcome.cancelled("Nobody has this address.") for number in range(30)}
    assert run(gone)[-1] == "last"


def test_what_somebody_waits_for_goes_first(ada):
    enqueue(
        to_staff(ada.pk, kind=Message.Kind.RECAP, about=str(n), now=NOW - timedelta(hours=1))
        for n in range(3)
    )
    queue("a")
    assert run()[0] == "a"


def test_a_clock_that_was_ahead_stops_nothing(settings, clock):
    settings.MAILS_A_MINUTE = 1
    clock.shift(24 * 60 * 60)
    queue("a", now=timezone.now())
    run()
    clock.move_to(NOW)
    queue("b")
    assert run() == ["b"]


def test_a_lost_connection_while_the_outcome_is_stored_sends_nothing_again(monkeypatch):
    queue("a")
    real, failures = delivery.settle, [OperationalError("locked"), InterfaceError("closed")]

    def settle(*given):
        if failures:
            raise failures.pop()
        real(*given)

    monkeypatch.setattr(delivery, "settle", settle)
    monkeypatch.setattr(delivery.connection, "close", lambda: None)
    assert run() == ["a"]
    assert one().state == "delivered"


def test_one_that_is_being_sent_is_not_given_up_meanwhile():
    queue("a", now=NOW - timedelta(days=6, hours=23))
    message = one()
    claim(message, NOW)
    expire(NOW + timedelta(hours=2))
    assert one().state == "dead"
    queue("b", now=NOW - timedelta(days=6, hours=23, minutes=59))
    message = Message.objects.get(email="b@x.example")
    claim(message, NOW)
    expire(NOW + timedelta(minutes=5))
    settle(message, YES, NOW + timedelta(minutes=5))
    assert Message.objects.get(email="b@x.example").state == "delivered"


def test_mails_go_out_at_their_rate(settings, clock):
    settings.MAILS_A_MINUTE = 30
    queue(*(f"n{number}" for number in range(70)))
    assert len(run()) == 30
    assert run() == []
    clock.shift(61)
    assert len(run()) == 30
    clock.shift(61)
    assert len(run()) == 10


def test_no_message_is_begun_once_its_time_is_over(clock):
    queue("a", "b", "c")

    def send(message):
        clock.shift(20)
        return YES

    def goes_on():
        return timezone.now() < NOW + timedelta(seconds=30)

    deliver(Message.objects.all(), send=send, clock=timezone.now, goes_on=goes_on)
    assert Message.objects.waiting().count() == 1


def test_what_waited_for_a_week_is_given_up_and_not_sent(clock):
    queue("a", now=NOW - timedelta(days=7, seconds=1))
    queue("b", now=NOW - timedelta(days=7) + timedelta(seconds=1))
    assert run() == ["b"]
    expire(NOW)
    assert Message.objects.get(email="a@x.example").state == "dead"


def test_what_is_older_than_a_month_is_deleted():
    queue("a", now=NOW - timedelta(days=31))
    queue("b", now=NOW - timedelta(days=29))
    expire(NOW)
    assert [message.email for message in Message.objects.all()] == ["b@x.example"]
    assert not Message.objects.waiting().exists()


def test_counts_what_is_due():
    queue("a", "b")
    assert (waiting_at(NOW), waiting_at(NOW - timedelta(seconds=1))) == (2, 0)


def test_two_statements_a_message_and_three_for_each_twenty(django_assert_num_queries):
    queue(*(f"n{number}" for number in range(30)))
    # The third round finds nothing, urgent or not.
    with django_assert_num_queries(30 * 2 + 2 * 2 + 3):
        run()
