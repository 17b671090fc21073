"""actions/secrets.py: one secret a form, revoked for good, and when each was last used."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import isolate_apps

from funnel.access import authenticate_screen, authenticate_token
from funnel.actions import screens, secrets, tokens, webhooks
from funnel.models import ApiToken, CalendarFeed, Practice, Screen, User, Webhook
from funnel.models.secret import Secret, SecretQuerySet, SecretState, hash_of_token
from tests.cast import make_cast
from tests.factories import TODAY, make_calendar, make_screen, make_token, make_webhook, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


class TestAddressesOfBefore:
    """Computed once with the release before: what was handed out then goes on working."""

    @pytest.mark.parametrize(
        ("model", "words", "text"),
        [
            (Screen, ("Hall", "2026-12-24", "False"), "WCh9G1oDTDXAiS9aZkLi0GuEnlDicip4"),
            (ApiToken, ("Report", "2026-12-24", "True"), "kpi_KmW5Hbx7bCO_CNFR35HiAhuOasEP_sFP"),
            (CalendarFeed, (), "CNckTPUlPpQ-mT2DLbOP-RasnOJ8t8mO"),
        ],
    )
    def test_the_text_of_a_form(self, settings, model, words, text):
        settings.SECRET_KEY = "a key of the site"
        assert model.text_for("7", "3", "one form", *words) == text

    def test_the_secret_of_a_webhook(self, settings):
        settings.SECRET_KEY = "a key of the site"
        secret = webhooks.secret_of(Webhook(practice_id=7, salt="ab" * 32))
        assert secret == "whsec_hpQebPtVbsFinWtIuw3SG9Epsi4DE9O+0wB9HpKQ3OM="

    def test_what_is_stored(self):
        digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert hash_of_token("abc") == digest


def revoke_webhook(cast):
    webhooks.revoke(by=seat_for(cast.admin), webhook=Webhook.objects.get())


def test_a_webhook_whose_form_comes_again_after_it_was_revoked_is_refused(cast):
    make_webhook(cast.admin)
    revoke_webhook(cast)
    with pytest.raises(ValidationError, match=r"https://example.com/kpi is revoked by now"):
        make_webhook(cast.admin)
    assert Webhook.objects.count() == 1


def test_what_a_new_one_needs_is_asked_of_a_new_one_only(cast):
    """A limit that is reached refuses the next form and not the same form again."""
    forms = [str(number) for number in range(webhooks.MOST)]
    made = [make_webhook(cast.admin, once=once) for once in forms]
    assert make_webhook(cast.admin, once=forms[-1]) == made[-1]
    with pytest.raises(ValidationError, match="at most 10"):
        make_webhook(cast.admin, once="next")


class TestVendorLink:
    """A model of five lines is a secret: this is all that a feature adds."""

    @pytest.fixture
    def vendor_link(self, transactional_db):
        with isolate_apps("funnel") as registry:
            registry.register_model("funnel", User)

            class VendorLink(Secret):
                kind = "vendor"
                practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
                name = models.CharField(max_length=60)
                objects = SecretQuerySet.as_manager()

                class Meta(Secret.Meta):
                    app_label = "funnel"

                __str__ = Secret.__str__

            with connection.schema_editor() as editor:
                editor.create_model(VendorLink)
            yield VendorLink
            with connection.schema_editor() as editor:
                editor.delete_model(VendorLink)

    @staticmethod
    def make(model, by, once="one form", expires_on=date(2027, 11, 25)):
        link = model(practice=by.practice, name="Agency", expires_on=expires_on)
        with transaction.atomic():
            return secrets.make(link, once, "Agency", by=by)

    def test_is_made_once_found_used_and_revoked(self, vendor_link):
        by = seat_for(make_cast().manager)
        link, text = self.make(vendor_link, by)
        assert self.make(vendor_link, by) == (link, text)
        assert text.startswith(link.token_start)
        assert (link.made_by, link.made_at) == (by.user, NOW)
        assert vendor_link.objects.find(text, NOW) == link
        assert vendor_link.objects.find(text + "A", NOW) is None
        secrets.note_use(link, NOW)
        assert vendor_link.objects.get().last_used == NOW
        with transaction.atomic():
            secrets.revoke(link, by=by)
        assert vendor_link.objects.find(text, NOW) is None
        with pytest.raises(ValidationError, match="is revoked by now"):
            self.make(vendor_link, by)

    def test_expires_within_a_year_at_the_end_of_its_day_in_the_practice(self, vendor_link):
        by = seat_for(make_cast().manager)
        for day in (TODAY, date(2027, 11, 26)):
            with pytest.raises(ValidationError, match="within a year"):
                self.make(vendor_link, by, expires_on=day)
        link, text = self.make(vendor_link, by, expires_on=date(2026, 12, 24))
        assert vendor_link.objects.find(text, datetime(2026, 12, 25, 4, 59, tzinfo=UTC)) == link
        assert vendor_link.objects.find(text, datetime(2026, 12, 25, 5, tzinfo=UTC)) is None

    def test_its_rules_are_the_databases(self, vendor_link):
        assert {rule.name for rule in vendor_link._meta.constraints} == {
            "funnel_vendorlink_revoked_by_someone",
            "funnel_vendorlink_token_once",
        }
        by = seat_for(make_cast().manager)
        link, _ = self.make(vendor_link, by)
        with pytest.raises(DatabaseError), transaction.atomic():
            vendor_link.objects.update(revoked_at=NOW)
        link.pk = None
        with pytest.raises(DatabaseError), transaction.atomic():
            link.save()


class TestRevoking:
    def test_once_more_changes_nothing(self, cast, clock):
        screen, _ = make_screen(cast.practice)
        screens.revoke(by=seat_for(cast.manager), screen=screen)
        clock.move_to(NOW + timedelta(days=1))
        again = secrets.revoke(screen, by=seat_for(cast.admin))
        assert (again.revoked_by, again.revoked_at) == (cast.manager.user, NOW)

    def test_all_leaves_alone_what_is_revoked(self, cast, clock):
        first, _ = make_token(cast.owner)
        second, _ = make_token(cast.owner)
        secrets.revoke(first, by=seat_for(cast.manager))
        clock.move_to(NOW + timedelta(days=1))
        secrets.revoke_all(ApiToken.objects.all(), by=seat_for(cast.admin))
        assert list(ApiToken.objects.order_by("pk").values_list("revoked_by", "revoked_at")) == [
            (cast.manager.user_id, NOW),
            (cast.admin.user_id, NOW + timedelta(days=1)),
        ]
        second.refresh_from_db()
        assert second.state_on(TODAY) == SecretState.REVOKED


class TestLastUse:
    @pytest.mark.parametrize(
        ("minutes", "noted", "statements"), [(0, 0, 0), (4, 0, 0), (5, 5, 1), (90, 90, 1)]
    )
    def test_is_written_every_five_minutes(
        self, cast, django_assert_num_queries, minutes, noted, statements
    ):
        screen, token = make_screen(cast.practice)
        secrets.note_use(screen, NOW)
        later = authenticate_screen(token, NOW)
        with django_assert_num_queries(statements):
            assert secrets.note_use(later, NOW + timedelta(minutes=minutes))
        assert Screen.objects.get().last_used == NOW + timedelta(minutes=noted)

    def test_of_two_at_once_the_second_finds_it_written(self, cast):
        screen, token = make_screen(cast.practice)
        second = authenticate_screen(token, NOW)
        secrets.note_use(screen, NOW + timedelta(seconds=2))
        secrets.note_use(second, NOW + timedelta(seconds=1))
        assert Screen.objects.get().last_used == NOW + timedelta(seconds=2)


@contextmanager
def read_only():
    """The database refuses every write of this connection."""
    on, off = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET default_transaction_read_only = on", "RESET ALL"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(off)


@pytest.mark.django_db(transaction=True)
class TestReadOnlyDatabase:
    """What only reads is answered although the last use cannot be written, and that is logged."""

    @pytest.fixture
    def pages(self):
        """The address and the headers of each kind, none of which was used before."""
        cast = make_cast()
        _, screen = make_screen(cast.practice)
        _, token = make_token(cast.owner)
        return {
            "screen": (f"/tv/{screen}/", {}),
            "calendar": (f"/calendar/{make_calendar(cast.owner)}.ics", {}),
            "token": ("/api/v1/practices/", {"Authorization": f"Bearer {token}"}),
        }

    def test_the_naive_write_fails(self, pages):
        with read_only(), pytest.raises(DatabaseError):
            Screen.objects.update(last_used=NOW)

    @pytest.mark.parametrize("kind", ["screen", "calendar", "token"])
    def test_the_page_is_answered(self, client, pages, caplog, kind):
        address, headers = pages[kind]
        with read_only():
            assert client.get(address, headers=headers).status_code == 200
        assert caplog.text.count("A count was not written") == 1
        assert client.get(address, headers=headers).status_code == 200
        model = {"screen": Screen, "calendar": CalendarFeed, "token": ApiToken}[kind]
        assert model.objects.get().last_used == NOW

    def test_the_limit_of_a_token_holds(self, pages, monkeypatch):
        monkeypatch.setattr(tokens, "MOST", 30)
        text = pages["token"][1]["Authorization"].removeprefix("Bearer ")
        with read_only():
            token = authenticate_token(text, NOW).token
            used = [tokens.used(token, NOW) for _ in range(tokens.MOST + 1)]
        assert [one.left for one in used[:3]] == [29, 28, 27]
        assert [used[-2].is_over, used[-1].is_over] == [False, True]
        assert ApiToken.objects.get().counted == 0
