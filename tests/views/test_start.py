"""The first admin of an empty installation, founding a practice, and the starts that were left."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from funnel.actions import first_admin
from funnel.actions.refusals import Busy
from funnel.models import Practice, User
from tests.factories import make_practice, make_staff, make_start, make_superuser
from tests.views.starting import TUESDAY, address, page_of

pytestmark = pytest.mark.django_db

URL = "/start/"
CODE = "open-sesame-open"
GOOD = "a-long-new-word-7"
ADMIN = {"email": "ana@lumina.example", "password": GOOD, "again": GOOD}
SETTINGS = {
    "name": "Newton Skin",
    "your_name": "Ana",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "meeting_weekday": "1",
    "meeting_time": "08:30",
    "value_per_patient": "3,200",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        cache.clear()
        yield traveller


@pytest.fixture
def root(client):
    client.force_login(make_superuser())
    return make_superuser()


# The first admin


def test_an_empty_installation_leads_from_its_first_page_to_the_first_admin(client):
    response = client.get("/", follow=True)
    assert [url for url, _ in response.redirect_chain] == ["/accounts/login/?next=/", URL]
    assert "Create the first admin" in page_of(response)


def test_the_first_admin_is_signed_in_and_goes_on_to_a_practice(client):
    assert client.post(URL, ADMIN).url == URL
    user = User.objects.get(email="ana@lumina.example")
    assert user.is_superuser
    assert user.check_password(GOOD)
    assert "Start a practice" in page_of(client.get(URL))
    assert user.usersession_set.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("email", "ana", "Write an e-mail address"),
        ("password", "12345678", "entirely numeric"),
        ("again", "another", "The two passwords do not match."),
        ("email", "a\0@x.example", "Write it again without special characters."),
    ],
)
def test_a_bad_first_admin_is_told_so_and_nobody_is_made(client, field, typed, sentence):
    text = page_of(client.post(URL, {**ADMIN, field: typed}))
    assert sentence in text
    assert field == "email" or 'value="ana@lumina.example"' in text
    assert GOOD not in text
    assert not User.objects.exists()


def test_once_there_is_anybody_nobody_is_first_any_more(client):
    User.objects.create_user("someone@example.com")
    for response in (client.get(URL), client.post(URL, ADMIN)):
        assert response.url == f"{reverse('account_login')}?next={URL}"
    assert User.objects.count() == 1


def test_whoever_is_second_at_the_same_moment_is_told_so(client, monkeypatch):
    real = first_admin.make

    def after_another(**typed):
        real(email="first@example.com", password=GOOD)
        return real(**typed)

    monkeypatch.setattr(first_admin, "make", after_another)
    assert "Someone else has just created the first admin" in page_of(client.post(URL, ADMIN))
    assert User.objects.get().email == "first@example.com"
    assert "_auth_user_id" not in client.session


def test_whoever_waits_in_vain_for_another_is_told_so(client, monkeypatch):
    def busy(**typed):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(first_admin, "make", busy)
    assert "Someone else has just created the first admin" in page_of(client.post(URL, ADMIN))


def test_a_code_that_is_set_is_asked_for(client, settings):
    settings.FIRST_ADMIN_CODE = CODE
    assert "Set-up code" in page_of(client.get(URL))
    for code in ("", CODE[:-1], CODE.upper()):
        assert "set-up code of this installation" in page_of(
            client.post(URL, {**ADMIN, "code": code})
        )
    assert not User.objects.exists()
    assert client.post(URL, {**ADMIN, "code": CODE}).url == URL


def test_over_https_nobody_is_first_without_a_code(client, settings):
    settings.IS_HTTPS = True
    text = page_of(client.get(URL))
    assert "Nobody can sign in yet" in text
    assert "FIRST_ADMIN_CODE" in text
    assert "createsuperuser" in text
    assert "<form method" not in text
    assert "Nobody can sign in yet" in page_of(client.post(URL, ADMIN), 403)
    assert not User.objects.exists()
    settings.FIRST_ADMIN_CODE = CODE
    assert client.post(URL, {**ADMIN, "code": CODE}).url == URL


def test_a_code_is_not_found_by_trying(client, settings, clock):
    settings.FIRST_ADMIN_CODE = CODE
    for number in range(20):
        assert client.post(URL, {**ADMIN, "code": f"guess-{number}"}).status_code == 200
    right = {**ADMIN, "code": CODE}
    assert "Too many attempts from here." in page_of(client.post(URL, right), 429)
    assert not User.objects.exists()
    clock.move_to(datetime(2026, 11, 24, 15, tzinfo=UTC) + timedelta(minutes=10))
    assert client.post(URL, right).url == URL


def test_a_code_is_not_found_by_trying_from_many_addresses(client, settings, clock):
    settings.FIRST_ADMIN_CODE = CODE
    right = {**ADMIN, "code": CODE}

    def post(network, typed):
        return client.post(URL, typed, REMOTE_ADDR=f"2001:db8:0:{network:x}::{len(outcomes):x}")

    outcomes = []
    for network in range(10):
        for number in range(20):
            wrong = {**ADMIN, "code": f"guess-{number}"}
            outcomes.append(post(network, wrong).status_code)
        assert "Too many attempts from here." in page_of(post(network, right), 429)
    assert outcomes == [200] * 200
    assert "Too many attempts. Wait an hour" in page_of(post(11, right), 429)
    assert not User.objects.exists()
    clock.move_to(datetime(2026, 11, 24, 15, tzinfo=UTC) + timedelta(hours=1))
    assert post(11, right).url == URL


# A new practice


def test_a_superuser_founds_a_practice_and_goes_on(client, root):
    text = page_of(client.get(URL))
    assert "Choose the time zone" in text
    assert "Not finished yet" not in text
    assert client.post(URL, SETTINGS).url == address("who")
    practice = Practice.objects.get()
    assert (practice.name, practice.time_zone) == ("Newton Skin", "America/Chicago")
    assert (practice.get_meeting_weekday_display(), str(practice.meeting_time)) == (
        "Tuesday",
        "08:30:00",
    )
    assert practice.staff.get().user == root


def test_the_weeks_of_a_new_practice_go_by_its_own_zone(client, root, clock):
    # Wednesday in Auckland, half an hour before Tuesday's meeting in Chicago.
    clock.move_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    client.post(URL, {**SETTINGS, "time_zone": "Pacific/Auckland"})
    client.post(URL, {**SETTINGS, "name": "Another"})
    began = dict(Practice.objects.values_list("time_zone", "began_on"))
    assert {zone: str(day) for zone, day in began.items()} == {
        "Pacific/Auckland": "2026-11-23",
        "America/Chicago": "2026-11-16",
    }


def test_a_double_click_founds_one(client, root):
    assert client.post(URL, SETTINGS).url == client.post(URL, SETTINGS).url
    assert Practice.objects.count() == 1


def test_bad_settings_are_told_and_nothing_typed_is_lost(client, root):
    bad = {**SETTINGS, "name": "", "value_per_patient": "lots", "time_zone": ""}
    response = client.post(URL, bad)
    text = page_of(response)
    for sentence in (
        "Enter the name of the practice.",
        "Choose the time zone: it decides when the week ends.",
        "Enter the number in digits only, as in 1234 or 1,234.",
    ):
        assert sentence in text
    form = response.context["form"]
    assert {name: form[name].value() for name in bad} == bad
    assert not Practice.objects.exists()


def test_a_name_that_is_taken_is_told_beside_it(client, root):
    make_practice("newton", name="Newton Skin")
    response = client.post(URL, SETTINGS)
    assert "There is already a practice Newton Skin." in str(
        response.context["form"].errors["name"]
    )
    assert Practice.objects.count() == 1


def test_a_start_that_was_left_is_gone_on_with(client, root):
    make_start("<b>Zeta</b>")
    text = page_of(client.get(URL))
    assert f'<a href="{address("who", "bzetab")}">' in text
    assert "&lt;b&gt;Zeta&lt;/b&gt;: continue with “Who does what”" in text


@pytest.mark.parametrize("access", ["viewer", "manager", "admin"])
def test_nobody_but_a_superuser_founds_a_practice(client, access):
    person = make_staff(make_practice("lumina"), "Ada", access=access)
    client.force_login(person.user)
    assert client.get(URL).status_code == client.post(URL, SETTINGS).status_code == 403
    assert Practice.objects.count() == 1


def test_only_reading_and_sending(client, root):
    assert client.put(URL).status_code == 405
    assert client.head(URL).status_code == 200


def test_it_needs_the_pages_own_token():
    client = Client(enforce_csrf_checks=True)
    assert client.post(URL, ADMIN).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("many", [0, 30])
def test_three_statements_for_none_and_many(client, root, django_assert_num_queries, many):
    for number in range(many):
        make_start(f"Practice {number}")
    with django_assert_num_queries(3):
        client.get(URL)
