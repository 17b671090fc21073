import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from funnel.actions import importing, meetings, ownership, webhooks
from funnel.domain.weeks import Week
from funnel.models import Import, Message, Webhook
from funnel.outbox.delivery import claim, expire
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_import,
    make_kpi,
    make_ownership,
    make_webhook,
    seat_for,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
URL = "https://example.com/kpi"


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def told(hook):
    """The type and the data of each message to it, the oldest first."""
    bodies = [json.loads(row.body) for row in hook.messages.order_by("pk")]
    assert all(body["timestamp"] == "2026-11-24T15:00:00Z" for body in bodies)
    return [(body["type"], body["data"]) for body in bodies]


class TestMaking:
    def test_an_admin_makes_one_and_a_second_click_the_same(self, cast):
        first, again = make_webhook(cast.admin), make_webhook(cast.admin)
        assert first == again
        assert (first.made_by, first.made_at) == (cast.admin.user, NOW)
        assert Webhook.objects.count() == 1

    def test_another_form_makes_another_with_another_secret(self, cast):
        one, other = make_webhook(cast.admin), make_webhook(cast.admin, once="other")
        assert webhooks.secret_of(one) != webhooks.secret_of(other)
        assert webhooks.secret_of(one) == webhooks.secret_of(Webhook.objects.get(pk=one.pk))

    def test_the_secret_is_stored_nowhere_and_is_another_with_another_key(self, cast, settings):
        hook = make_webhook(cast.admin)
        secret = webhooks.secret_of(hook)
        assert secret.startswith("whsec_")
        assert secret.removeprefix("whsec_") not in str(vars(hook))
        assert hook.salt not in secret
        settings.SECRET_KEY = "another" * 10
        assert webhooks.secret_of(hook) != secret

    @pytest.mark.parametrize("who", ["owner", "viewer", "manager", "stranger"])
    def test_nobody_but_an_admin_of_the_practice_makes_or_changes_one(self, cast, who):
        hook = make_webhook(cast.admin)
        by = seat_for(getattr(cast, who))
        calls = [
            lambda: webhooks.revoke(by=by, webhook=hook),
            lambda: webhooks.test(by=by, webhook=hook, once="x"),
            lambda: webhooks.again(by=by, webhook=hook, number=1),
        ]
        if who != "stranger":
            calls.append(lambda: make_webhook(getattr(cast, who), once="mine"))
        for call in calls:
            with pytest.raises(PermissionDenied):
                call()
        assert Webhook.objects.get().revoked_at is None
        assert not Message.objects.exists()

    def test_ten_are_enough(self, cast):
        for number in range(webhooks.MOST):
            make_webhook(cast.admin, once=str(number))
        with pytest.raises(ValidationError, match="at most 10 webhooks"):
            make_webhook(cast.admin, once="one more")
        webhooks.revoke(by=seat_for(cast.admin), webhook=Webhook.objects.first())
        make_webhook(cast.admin, once="one more")

    def test_one_that_is_told_of_nothing_is_refused(self, cast):
        with pytest.raises(ValidationError, match="Choose at least one thing"):
            make_webhook(cast.admin, wants_entries=False, wants_closings=False, wants_unowned=False)


class TestAnnouncing:
    def test_a_saved_number_is_told_without_what_was_written(self, cast):
        hook = make_webhook(cast.admin)
        entry = make_entry(cast.appointments, 27, note="Ask Kim.")
        assert told(hook) == [
            (
                "entry.saved",
                {
                    "practice": "lumina",
                    "kpi": "appointments",
                    "week": "2026-W47",
                    "value": 27,
                    "version": 1,
                    "entered_by": "root@example.com",
                },
            )
        ]
        body = hook.messages.get().body
        assert "Kim" not in body
        assert entry.reason == "set up"
        assert entry.reason not in body

    def test_saving_the_same_again_tells_nothing_and_a_correction_does(self, cast):
        hook = make_webhook(cast.admin)
        make_entry(cast.appointments, 27)
        make_entry(cast.appointments, 27)
        make_entry(cast.appointments, 28, version=1)
        assert [(data["value"], data["version"]) for _, data in told(hook)] == [(27, 1), (28, 2)]

    def test_a_number_with_decimals_is_told_as_it_is(self, cast):
        hook = make_webhook(cast.admin)
        rating = make_kpi(cast.practice, "Rating", unit="decimal")
        make_entry(rating, Decimal("4.85"))
        assert '"value": 4.85,' in hook.messages.get().body

    def test_what_was_rolled_back_is_told_to_nobody(self, cast):
        hook = make_webhook(cast.admin)
        with transaction.atomic():
            make_entry(cast.appointments, 27)
            assert hook.messages.exists()
            transaction.set_rollback(True)
        assert not hook.messages.exists()

    def test_an_import_is_one_message_however_many_numbers_it_brings_and_so_is_undoing_it(
        self, cast
    ):
        hook = make_webhook(cast.admin)
        by = seat_for(cast.manager)
        rows = [[str(WEEK.previous), 80, 30], [str(WEEK), 91, 27]]
        draft = make_import(cast.manager, ["Week", "Leads", "Appointments"], *rows)
        list(importing.apply(by=by, draft=draft, leaves_out=False, today=TODAY))
        list(importing.undo(by=by, done=Import.objects.get(), today=TODAY))
        both = {"practice": "lumina", "numbers": 4, "from": "2026-W46", "to": "2026-W47"}
        assert told(hook) == [
            ("entries.imported", {**both, "undone": undone, "imported_by": "Ana"})
            for undone in (False, True)
        ]

    def test_a_closed_week_is_told_each_time_it_is_closed(self, cast):
        hook = make_webhook(cast.admin)
        close_week(cast.manager)
        close_week(cast.manager)
        said = ("week.closed", {"practice": "lumina", "week": "2026-W47", "closed_by": "Ana"})
        assert told(hook) == [said]
        meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="A number was wrong.")
        close_week(cast.manager)
        assert told(hook) == [said, said]

    def test_a_kpi_without_an_owner_is_told_once_and_again_when_it_loses_the_next(self, cast):
        hook = make_webhook(cast.admin)
        seat = seat_for(cast.admin)

        def announce(day):
            webhooks.announce_unowned(practice=cast.practice, today=day, now=NOW)

        announce(TODAY)
        assert told(hook) == []
        ownership.end(by=seat, kpi=cast.appointments, ends_on=TODAY - timedelta(days=1))
        announce(TODAY)
        announce(TODAY)
        assert told(hook) == [
            (
                "kpi.unowned",
                {
                    "practice": "lumina",
                    "kpi": "appointments",
                    "role": "Front desk",
                    "last_owned": "2026-11-23",
                    "page": "http://testserver/practices/lumina/responsibilities/",
                },
            )
        ]
        make_ownership(cast.appointments, cast.stand_in, TODAY)
        announce(TODAY)
        ownership.end(by=seat, kpi=cast.appointments, ends_on=TODAY)
        announce(TODAY + timedelta(days=1))
        assert [data["last_owned"] for _, data in told(hook)] == ["2026-11-23", "2026-11-24"]

    def test_one_whose_first_week_has_not_begun_is_not_told(self, cast):
        hook = make_webhook(cast.admin)
        make_kpi(cast.practice, "Reviews", from_week=Week.running(TODAY).next)
        webhooks.announce_unowned(practice=cast.practice, today=TODAY, now=NOW)
        assert told(hook) == []

    def test_one_that_nobody_ever_owned_is_told_too(self, cast):
        hook = make_webhook(cast.admin)
        make_kpi(cast.practice, "Reviews")
        webhooks.announce_unowned(practice=cast.practice, today=TODAY, now=NOW)
        assert [data["last_owned"] for _, data in told(hook)] == [None]

    @pytest.mark.parametrize(
        ("wish", "event"),
        [
            ("wants_entries", "entry.saved"),
            ("wants_closings", "week.closed"),
            ("wants_unowned", "kpi.unowned"),
        ],
    )
    def test_each_is_told_only_what_it_wants(self, cast, wish, event):
        wishes = dict.fromkeys(("wants_entries", "wants_closings", "wants_unowned"), False)
        hook = make_webhook(cast.admin, **{**wishes, wish: True})
        make_entry(cast.appointments, 27)
        make_kpi(cast.practice, "Reviews")
        webhooks.announce_unowned(practice=cast.practice, today=TODAY, now=NOW)
        close_week(cast.manager)
        assert [kind for kind, _ in told(hook)] == [event]

    def test_neither_one_next_door_nor_one_that_is_switched_off_is_told(self, cast):
        make_webhook(cast.stranger)
        webhooks.revoke(by=seat_for(cast.admin), webhook=make_webhook(cast.admin))
        make_entry(cast.appointments, 27)
        close_week(cast.manager)
        assert not Message.objects.filter(kind="webhook").exists()
        assert [practice.slug for practice in webhooks.listened()] == ["harbor"]

    @pytest.mark.parametrize("number_of_hooks", [1, 5])
    def test_costs_two_statements_however_many_listen(
        self, cast, django_assert_num_queries, number_of_hooks
    ):
        for number in range(number_of_hooks):
            make_webhook(cast.admin, once=str(number))
        announcements = [webhooks.Announcement(Message.Event.CLOSED, f"k{n}", {}) for n in range(7)]
        with django_assert_num_queries(2):
            webhooks.announce(practice=cast.practice, announcements=announcements, now=NOW)
        assert Message.objects.count() == number_of_hooks * 7


class TestSending:
    @pytest.fixture
    def hook(self, cast):
        return make_webhook(cast.admin)

    @pytest.fixture
    def message(self, cast, hook):
        make_entry(cast.appointments, 27)
        return Message.objects.get()

    def test_what_was_given_up_may_be_sent_again(self, cast, hook, message):
        by = seat_for(cast.admin)
        assert not webhooks.again(by=by, webhook=hook, number=message.pk)
        Message.objects.update(state="dead", due_at=None, attempts=8)
        assert webhooks.again(by=by, webhook=hook, number=message.pk)
        assert [row.attempts for row in Message.objects.due(NOW)] == [0]

    def test_of_another_webhook_nothing_is_sent_again(self, cast, message):
        Message.objects.update(state="dead", due_at=None)
        other = make_webhook(cast.admin, once="other")
        assert not webhooks.again(by=seat_for(cast.admin), webhook=other, number=message.pk)

    def test_switched_off_it_is_sent_nothing_that_waits(self, cast, hook, message):
        by = seat_for(cast.admin)
        webhooks.revoke(by=by, webhook=hook)
        assert not claim(message, NOW)
        assert Message.objects.get().state == "cancelled"
        for call in (
            lambda: webhooks.test(by=by, webhook=Webhook.objects.get(), once="x"),
            lambda: webhooks.again(by=by, webhook=Webhook.objects.get(), number=message.pk),
        ):
            with pytest.raises(ValidationError, match="switched off"):
                call()

    def test_switching_off_keeps_who_and_when_and_once_more_changes_nothing(self, cast, hook):
        webhooks.revoke(by=seat_for(cast.admin), webhook=hook)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            webhooks.revoke(by=seat_for(cast.admin), webhook=hook)
        hook.refresh_from_db()
        assert (hook.revoked_by, hook.revoked_at) == (cast.admin.user, NOW)

    def test_a_test_says_only_that_it_is_one_and_a_double_click_sends_one(self, cast, hook):
        for _ in range(2):
            webhooks.test(by=seat_for(cast.admin), webhook=hook, once="x")
        assert told(hook) == [("test", {"practice": "lumina", "sent_by": "Ada"})]

    def test_while_a_test_waits_no_other_is_sent(self, cast, hook):
        by = seat_for(cast.admin)
        webhooks.test(by=by, webhook=hook, once="x")
        with pytest.raises(ValidationError, match="A test is on its way already"):
            webhooks.test(by=by, webhook=hook, once="y")
        Message.objects.update(state="dead", due_at=None)
        webhooks.test(by=by, webhook=hook, once="y")
        assert Message.objects.count() == 2

    def test_that_a_kpi_has_no_owner_is_not_announced_again_once_others_are_deleted(
        self, cast, hook
    ):
        make_kpi(cast.practice, "Reviews")
        for days in (0, 40):
            now = NOW + timedelta(days=days)
            expire(now)
            webhooks.announce_unowned(practice=cast.practice, today=now.date(), now=now)
            Message.objects.waiting().update(state="delivered", due_at=None, delivered_at=now)
        assert hook.messages.count() == 1
