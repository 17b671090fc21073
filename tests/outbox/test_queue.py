import json
from datetime import UTC, datetime

import pytest

from funnel.models import Message
from funnel.outbox.queue import cancel, enqueue, latest, retry, to_address, to_staff, to_webhook
from tests.factories import make_practice, make_staff, make_webhook

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 16, tzinfo=UTC)


@pytest.fixture
def ada():
    return make_staff(make_practice(), "Ada", access="admin")


def recap(person, about="1:1", **how):
    return to_staff(person.pk, kind=Message.Kind.RECAP, about=about, now=NOW, **how)


def link(email, about="0"):
    return to_address(email, kind=Message.Kind.PASSWORD, about=about, now=NOW)


def test_each_recipient_and_occasion_is_one_message(ada):
    hook = make_webhook(ada)
    for _ in range(2):
        enqueue(
            [
                recap(ada, meeting=7),
                recap(ada, "1:2"),
                link("a@x.example"),
                link("b@x.example"),
                to_webhook(hook, event=Message.Event.TEST, about="t", body="{}", now=NOW),
            ]
        )
    assert Message.objects.count() == 5
    first = Message.objects.earliest("pk")
    assert (first.staff, first.due_at, json.loads(first.body)) == (ada, NOW, {"meeting": 7})


def test_it_may_be_due_later(ada):
    enqueue([recap(ada, due_at=LATER)])
    assert not Message.objects.due(NOW).exists()
    assert Message.objects.due(LATER).exists()


def test_what_waits_is_cancelled_and_nothing_else(ada):
    enqueue([link("a@x.example"), link("b@x.example")])
    Message.objects.filter(email="a@x.example").update(
        state="delivered", due_at=None, delivered_at=NOW
    )
    assert cancel(Message.objects.all()) == 1
    states = Message.objects.order_by("email").values_list("state", flat=True)
    assert list(states) == ["delivered", "cancelled"]


def test_what_was_given_up_is_queued_from_the_start_and_nothing_else():
    enqueue([link("a@x.example"), link("b@x.example")])
    Message.objects.filter(email="a@x.example").update(state="dead", due_at=None, attempts=8)
    assert retry(Message.objects.all(), LATER)
    assert not retry(Message.objects.all(), LATER)
    again = Message.objects.get(email="a@x.example")
    assert (again.attempts, again.due_at, again.state) == (0, LATER, "waiting")


def test_the_latest_is_part_of_a_key_that_two_requests_at_once_share():
    assert latest(Message.objects.all()) == 0
    enqueue([link("a@x.example")])
    assert latest(Message.objects.all()) == Message.objects.get().pk
