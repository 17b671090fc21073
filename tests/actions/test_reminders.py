"""actions/reminders.py; what the mails say is in tests/senders/test_reminder.py."""

from datetime import UTC, datetime

import pytest

from funnel.actions import reminders
from funnel.domain.reminding import ReminderKind
from funnel.models import Message, Reminder
from tests.cast import make_cast
from tests.factories import WEEK

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 11, tzinfo=UTC)


def queue(people, week, kind=ReminderKind.FIRST):
    reminders.queue(week=week, kind=kind, staff_ids=[one.pk for one in people], now=NOW)


def test_each_is_queued_once_and_it_is_stored_when():
    cast = make_cast()
    people = [cast.owner, cast.marketer]
    for _ in range(2):
        queue(people, WEEK)
    assert Reminder.objects.count() == Message.objects.count() == 2
    stored = Reminder.objects.get(staff=cast.owner)
    assert (stored.week, stored.kind, stored.mailed) == (WEEK.monday, "first", NOW)
    assert Message.objects.get(staff=cast.owner).due_at == NOW


def test_each_kind_and_each_week_by_itself():
    cast = make_cast()
    for kind in ReminderKind:
        queue([cast.owner], WEEK, kind)
    queue([cast.owner], WEEK.next)
    assert Reminder.objects.count() == Message.objects.count() == 4


def test_nobody_costs_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        queue([], WEEK)
