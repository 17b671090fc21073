from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from funnel.actions import webhooks
from funnel.models import Message, Webhook
from funnel.reports.setup.webhooks import latest_calls, list_webhooks
from tests.cast import make_cast
from tests.factories import TODAY, make_entry, make_superuser, make_webhook, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def test_lists_those_that_are_on_first_with_who_made_them(cast):
    off = make_webhook(cast.admin, "https://example.com/off", once="1")
    on = make_webhook(cast.admin, once="2", wants_closings=False)
    make_webhook(cast.stranger)
    webhooks.revoke(by=seat_for(cast.admin), webhook=off)
    Webhook.objects.filter(pk=off.pk).update(made_by=make_superuser())
    first, second = list_webhooks(cast.practice, today=TODAY)
    assert (first.number, first.made_by, first.is_active) == (on.pk, "Ada", True)
    assert first.wants == ("a number is saved", "a KPI has no owner")
    assert (first.revoked_by, first.last) == (None, None)
    assert (second.made_by, second.is_active) == ("root@example.com", False)
    assert (second.revoked_by, second.revoked_at) == ("Ada", NOW)


def test_says_what_became_of_the_last_message(cast):
    hook = make_webhook(cast.admin)
    make_entry(cast.appointments, 27)

    def last():
        return list_webhooks(cast.practice, today=TODAY)[0].last

    assert last() == "waiting"
    Message.objects.update(state="dead", due_at=None)
    assert last() == "failed"
    Message.objects.update(state="delivered", delivered_at=NOW, answer="It answered 200.")
    assert last() == "delivered"
    make_entry(cast.appointments, 28, version=1)
    assert last() == "waiting"
    newest, oldest = latest_calls(hook)
    assert (newest.event, newest.state, newest.attempts) == ("A number is saved", "waiting", 0)
    assert (oldest.state, oldest.delivered_at, oldest.answer) == (
        "delivered",
        NOW,
        "It answered 200.",
    )
    assert not oldest.is_dead


@pytest.mark.parametrize("rows", [1, 35])
def test_makes_one_query_each_whatever_there_is(cast, django_assert_num_queries, rows):
    hook = make_webhook(cast.admin)
    for number in range(rows):
        later = NOW + timedelta(minutes=number)
        one = webhooks.Announcement(Message.Event.CLOSED, str(number), {})
        webhooks.announce(practice=cast.practice, announcements=[one], now=later)
    with django_assert_num_queries(1):
        assert len(latest_calls(hook)) == min(rows, 30)
    with django_assert_num_queries(1):
        list_webhooks(cast.practice, today=TODAY)
