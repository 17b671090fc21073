"""docs/webhooks.md: its code checks what is really sent, its table names what there is."""

import re

import pytest
import time_machine

from funnel.actions import webhooks
from funnel.domain.retries import WAITS
from funnel.models import Message
from funnel.senders.webhook import signed
from kpi_practice.env import BASE_DIR
from tests.cast import make_cast
from tests.factories import make_entry, make_webhook

TEXT = (BASE_DIR / "docs/webhooks.md").read_text()


def test_the_code_knows_our_messages_from_others(db):
    names = {}
    exec(re.search(r"```python\n(.*?)```", TEXT, re.S)[1], names)  # noqa: S102 - our own document
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        cast = make_cast()
        hook = make_webhook(cast.admin)
        make_entry(cast.appointments, 27)
        message = Message.objects.get()
        headers, body = signed(message, message.queued_at), message.body.encode()
    secret, other = (webhooks.secret_of(it) for it in (hook, make_webhook(cast.admin, once="b")))
    assert names["is_ours"](secret, headers, body)
    assert not names["is_ours"](other, headers, body)
    assert not names["is_ours"](secret, headers, body + b" ")
    assert not names["is_ours"](secret, {**headers, "webhook-timestamp": "1"}, body)


@pytest.mark.parametrize("event", Message.Event.values)
def test_the_table_names_every_type(event):
    assert f"| `{event}` |" in TEXT


def test_the_waits_are_those_that_are_kept():
    minutes = [int(wait.total_seconds() // 60) for wait in WAITS]
    assert minutes == [1, 5, 30, 2 * 60, 8 * 60, 24 * 60, 48 * 60]
    assert "after 1 minute, 5 and 30 minutes, 2, 8, 24 and 48 hours" in " ".join(TEXT.split())
