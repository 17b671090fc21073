import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from funnel.access import authenticate_calendar
from funnel.models import CalendarFeed, Practice, Staff
from tests.cast import make_cast

pytestmark = pytest.mark.django_db

URL = "/practices/lumina/mails/"
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def cast():
    return make_cast()


def post(client, user, wish):
    client.force_login(user)
    return client.post(URL, {"recap": wish})


def wants(person):
    return Staff.objects.get(pk=person.pk).wants_recap


def text_of(client, user):
    client.force_login(user)
    response = client.get(URL)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["viewer", "owner", "manager"])
def test_everyone_switches_their_own_recap_off_and_on(client, cast, who):
    person = getattr(cast, who)
    before = person.history.count()
    assert "You get it." in text_of(client, person.user)
    assert post(client, person.user, "no").url == URL
    assert not wants(person)
    assert "You do not get it." in text_of(client, person.user)
    post(client, person.user, "yes")
    assert wants(person)
    assert person.history.count() == before + 2


def test_nobody_elses_is_changed(client, cast):
    post(client, cast.owner.user, "no")
    assert Staff.objects.filter(wants_recap=False).get() == cast.owner


@pytest.mark.parametrize("wish", ["", "maybe"])
def test_a_wish_that_is_none_says_so_and_changes_nothing(client, cast, wish):
    response = post(client, cast.owner.user, wish)
    assert "Choose whether you want the recap." in response.content.decode()
    assert wants(cast.owner)


def test_an_admin_reads_what_else_they_get(client, cast):
    assert "when a number has no owner" in text_of(client, cast.admin.user)
    assert "when a number has no owner" not in text_of(client, cast.owner.user)


def test_a_superuser_without_a_place_gets_none(client, cast):
    assert "it sends you no mail" in text_of(client, cast.superuser)
    assert post(client, cast.superuser, "yes").status_code == 403


def test_a_stranger_gets_404(client, cast):
    assert post(client, cast.stranger.user, "no").status_code == 404
    assert client.get(URL).status_code == 404
    assert wants(cast.stranger)


def test_anonymous_is_asked_to_sign_in(client, cast):
    for response in (client.get(URL), client.post(URL, {"recap": "no"})):
        assert response.url.startswith(reverse("account_login"))


def test_no_other_method_and_not_without_the_pages_own_token(client, cast):
    client.force_login(cast.owner.user)
    assert client.delete(URL).status_code == 405
    other = Client(enforce_csrf_checks=True)
    other.force_login(cast.owner.user)
    assert other.post(URL, {"recap": "no"}).status_code == 403
    assert wants(cast.owner)


def test_three_statements(client, cast, django_assert_num_queries):
    client.force_login(cast.owner.user)
    with django_assert_num_queries(3):
        client.get(URL)


class TestReminders:
    def send(self, client, user, **typed):
        client.force_login(user)
        return client.post(URL, {"wish": "reminders", **typed})

    def chosen(self, text):
        """The selected choice on the page."""
        return re.findall(r'value="(\w+)"[^>]* checked', text)

    @pytest.mark.parametrize("wish", ["last", "none", "both"])
    def test_one_chooses_how_many(self, client, cast, wish):
        assert self.chosen(text_of(client, cast.owner.user)) == ["both"]
        assert self.send(client, cast.owner.user, reminders=wish).url == URL
        assert Staff.objects.get(pk=cast.owner.pk).reminders == wish
        assert self.chosen(text_of(client, cast.owner.user)) == [wish]
        assert Staff.objects.exclude(pk=cast.owner.pk).exclude(reminders="both").count() == 0

    @pytest.mark.parametrize("typed", [{}, {"reminders": ""}, {"reminders": "some\0"}])
    def test_a_wish_that_is_none_says_so_beside_the_choices_and_changes_nothing(
        self, client, cast, typed
    ):
        response = self.send(client, cast.owner.user, **typed)
        text = response.content.decode()
        assert response.status_code == 200
        assert "Choose two reminders, the last one only, or none." in text
        assert 'aria-describedby="reminders-refused"' in text
        assert Staff.objects.get(pk=cast.owner.pk).reminders == "both"

    def test_says_when_they_come_and_what_a_manager_gets(self, client, cast):
        Practice.objects.filter(slug="lumina").update(first_reminder_hours=30)
        text = text_of(client, cast.owner.user)
        assert "30 and 3 hours before the meeting of Lumina Aesthetics" in text
        assert "Never more than 3 a week." in text
        assert "a list of what is missing" not in text
        assert "a list of what is missing" in text_of(client, cast.manager.user)

    def test_says_where_a_practice_sends_none(self, client, cast):
        Practice.objects.filter(slug="lumina").update(reminders_at_most=0)
        assert "sends no reminders at present" in text_of(client, cast.owner.user)

    def test_who_only_looks_is_not_asked(self, client, cast):
        assert "Reminders" not in text_of(client, cast.viewer.user)

    def test_not_for_a_superuser_without_a_place_and_not_for_a_stranger(self, client, cast):
        assert self.send(client, cast.superuser, reminders="none").status_code == 403
        assert self.send(client, cast.stranger.user, reminders="none").status_code == 404


class TestCalendar:
    def make(self, client, user, once="k"):
        client.force_login(user)
        return client.post(URL, {"calendar": "make", "once": once})

    def address_in(self, response):
        found = re.search(r"http://testserver/calendar/([\w-]+)\.ics", response.content.decode())
        return found and found[1]

    def test_its_address_is_shown_once(self, client, cast):
        assert "Create its address" in text_of(client, cast.owner.user)
        response = self.make(client, cast.owner.user)
        token = self.address_in(response)
        assert response.status_code == 200
        assert authenticate_calendar(token, NOW).staff == cast.owner
        text = text_of(client, cast.owner.user)
        assert token not in text
        assert f"Starts with <code>{token[:6]}</code>" in text
        assert "Create a new address" in text

    def test_a_second_click_and_a_reload_show_the_same(self, client, cast):
        tokens = {self.address_in(self.make(client, cast.owner.user)) for _ in range(3)}
        assert len(tokens) == 1
        assert CalendarFeed.objects.count() == 1

    def test_each_page_asks_for_another(self, client, cast):
        words = set()
        for _ in range(2):
            words.add(
                re.search(r'name="once" value="([\w-]+)"', text_of(client, cast.owner.user))[1]
            )
        assert len(words) == 2

    def test_a_new_one_takes_the_place_of_the_old(self, client, cast):
        old = self.address_in(self.make(client, cast.owner.user))
        new = self.address_in(self.make(client, cast.owner.user, once="l"))
        assert client.get(f"/calendar/{old}.ics").status_code == 404
        assert client.get(f"/calendar/{new}.ics").status_code == 200

    def test_taken_back_it_no_longer_works(self, client, cast):
        token = self.address_in(self.make(client, cast.owner.user))
        response = client.post(URL, {"calendar": "revoke"}, follow=True)
        assert "Your calendar’s address no longer works." in response.content.decode()
        assert client.get(f"/calendar/{token}.ics").status_code == 404
        again = self.make(client, cast.owner.user)
        assert self.address_in(again) is None
        assert "calendar is revoked by now. Open this page again." in again.content.decode()

    @pytest.mark.parametrize("once", ["", "a\0b", "x" * 61])
    def test_a_form_that_came_incomplete_says_so_and_makes_none(self, client, cast, once):
        response = self.make(client, cast.owner.user, once)
        assert "The form came incomplete. Open this page again." in response.content.decode()
        assert not CalendarFeed.objects.exists()

    @pytest.mark.parametrize("asked", ["make", "revoke"])
    def test_not_for_a_superuser_without_a_place_and_not_for_a_stranger(self, client, cast, asked):
        for user, status in ((cast.superuser, 403), (cast.stranger.user, 404)):
            client.force_login(user)
            answer = client.post(URL, {"calendar": asked, "once": "k"})
            assert answer.status_code == status
        assert not CalendarFeed.objects.exists()
