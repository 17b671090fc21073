"""senders/webhook.py: calls are made once, signed, and again where they did not arrive."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from funnel import jobs, outbound
from funnel.actions import webhooks
from funnel.models import Message, Webhook
from funnel.senders.webhook import signed
from tests.cast import make_cast
from tests.factories import make_entry, make_kpi, make_webhook
from tests.sending import send_all

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
YES, NO = outbound.Response(200, "It answered 200."), outbound.Response(500, "It answered 500.")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def calls(monkeypatch):
    """The posted requests; `calls.answers` maps addresses to responses, success by default."""

    class Calls(list):
        answers: dict[str, outbound.Response] = {}

    made = Calls()

    def post(url, body, headers, *, private_hosts):
        made.append((url, body, headers, tuple(private_hosts)))
        return made.answers.get(url, YES)

    monkeypatch.setattr(outbound, "post", post)
    return made


def run():
    jobs.announce_unowned(timezone.now)
    return send_all()


def test_a_saved_number_goes_out_once(cast, calls, settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["hub.internal"]
    make_webhook(cast.admin)
    make_entry(cast.appointments, 27)
    assert run() == {"delivered": 1}
    assert run() == {}
    [(url, body, _, private_hosts)] = calls
    assert (url, private_hosts) == ("https://example.com/kpi", ("hub.internal",))
    assert json.loads(body)["data"]["value"] == 27
    assert Message.objects.get().delivered_at == NOW


def test_is_signed_as_the_standard_says(cast, calls):
    hook = make_webhook(cast.admin)
    make_entry(cast.appointments, 27)
    run()
    [(_, body, headers, _)] = calls
    number = f"msg_{Message.objects.get().pk}"
    assert headers["webhook-id"] == number
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    key = base64.b64decode(webhooks.secret_of(hook)[len("whsec_") :])
    content = f"{number}.{int(NOW.timestamp())}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert headers["Content-Type"] == "application/json"


def test_another_second_is_another_signature(cast):
    make_webhook(cast.admin)
    make_entry(cast.appointments, 27)
    delivery = Message.objects.get()
    one, other = signed(delivery, NOW), signed(delivery, NOW + timedelta(seconds=1))
    assert one["webhook-id"] == other["webhook-id"]
    assert one["webhook-signature"] != other["webhook-signature"]


def test_what_did_not_arrive_is_sent_again_later_with_the_same_number(cast, calls, clock):
    hook = make_webhook(cast.admin)
    make_entry(cast.appointments, 27)
    calls.answers = {hook.url: NO}
    assert run() == {"refused": 1}
    assert Message.objects.get().answer == "It answered 500."
    clock.shift(59)
    run()
    assert len(calls) == 1
    clock.shift(1)
    calls.answers = {}
    assert run() == {"delivered": 1}
    assert calls[0][2]["webhook-id"] == calls[1][2]["webhook-id"]
    assert calls[0][1] == calls[1][1]


def test_whoever_does_not_answer_holds_nobody_else_up(cast, calls):
    deaf = make_webhook(cast.admin, "https://deaf.example/", once="1")
    make_webhook(cast.admin, "https://keen.example/", once="2")
    make_entry(cast.appointments, 27)
    make_entry(cast.leads, 90)
    calls.answers = {deaf.url: NO}
    assert run() == {"delivered": 2, "refused": 1}
    assert [url for url, *_ in calls].count(deaf.url) == 1
    assert list(deaf.messages.order_by("pk").values_list("attempts", flat=True)) == [1, 0]


def test_a_kpi_without_an_owner_is_found_by_the_command_itself(cast, calls):
    make_webhook(cast.admin)
    make_webhook(cast.stranger, wants_unowned=False)
    make_kpi(cast.practice, "Reviews")
    run()
    run()
    assert [json.loads(body)["data"]["kpi"] for _, body, *_ in calls] == ["reviews"]


def test_one_that_is_revoked_while_it_is_claimed_is_not_called(cast, calls):
    hook = make_webhook(cast.admin)
    make_entry(cast.appointments, 27)
    Webhook.objects.filter(pk=hook.pk).update(revoked_at=NOW, revoked_by=cast.admin.user)
    assert run() == {"cancelled": 1}
    assert calls == []
