from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import screens, secrets
from funnel.models import Screen
from tests.cast import make_cast
from tests.factories import make_screen, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TYPED = {"name": "Meeting room", "expires_on": "2026-12-24", "once": "one form"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def url(slug="lumina"):
    return reverse("screens", args=[slug])


def page(client, person):
    client.force_login(person.user)
    response = client.get(url())
    return response, " ".join(response.content.decode().split())


def post(client, person, **changes):
    client.force_login(person.user)
    response = client.post(url(), {**TYPED, **changes})
    return response, " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_a_practice_without_a_screen_is_taught(client, cast, who):
    response, text = page(client, getattr(cast, who))
    assert response.status_code == 200
    assert "There is no screen yet" in text
    assert 'value="2027-02-22"' in text


def test_lists_each_screen_with_what_a_manager_asks_of_it(client, cast, clock):
    by = seat_for(cast.manager)
    screen, _ = make_screen(cast.practice, "Hall", shows_names=True)
    off, token = make_screen(cast.practice, "<b>Attic</b>")
    secrets.note_use(off, NOW)
    screens.revoke(by=by, screen=off)
    _, text = page(client, cast.manager)
    for shown in (
        "Your screens",
        "Hall",
        "With the names of staff.",
        f"Starts with <code>{screen.token_start}</code>",
        "Created by root@example.com, Nov 24, 2026.",
        "active</span>, expires Dec 24, 2026",
        "Not used yet",
        "&lt;b&gt;Attic&lt;/b&gt;",
        "revoked</span> by Ana, Nov 24, 2026",
        "Last used Tue, Nov 24, 10:00 AM",  # In New York.
    ):
        assert shown in text
    assert token not in text
    assert reverse("screen", args=["lumina", screen.pk]) in text
    assert reverse("screen", args=["lumina", off.pk]) not in text


def test_an_expired_one_says_so(client, cast, clock):
    make_screen(cast.practice, "Hall")
    clock.move_to(NOW + timedelta(days=40))
    _, text = page(client, cast.manager)
    assert "expired</span> after Dec 24, 2026" in text


def test_a_made_screen_is_told_with_its_address_which_works(client, cast):
    response, text = post(client, cast.manager, shows_names="on")
    assert response.status_code == 200
    screen = Screen.objects.get()
    assert (screen.name, screen.shows_names, screen.made_by) == (
        "Meeting room",
        True,
        cast.manager.user,
    )
    address = response.context["address"]
    assert f'value="{address}"' in text
    assert "The address of Meeting room" in text
    assert client.get(address).status_code == 200
    _, again = page(client, cast.manager)
    assert address not in again


def test_a_double_click_and_a_reload_make_one_screen_and_tell_the_same_address(client, cast):
    first, _ = post(client, cast.manager)
    second, text = post(client, cast.manager)
    assert Screen.objects.count() == 1
    assert first.context["address"] == second.context["address"]
    assert first.context["address"] in text


def test_the_form_beneath_a_made_screen_is_for_another(client, cast):
    response, _ = post(client, cast.manager)
    form = response.context["form"]
    post(client, cast.manager, once=form["once"].value())
    assert Screen.objects.count() == 2


def test_a_reload_after_it_was_switched_off_makes_no_other(client, cast):
    post(client, cast.manager)
    screens.revoke(by=seat_for(cast.manager), screen=Screen.objects.get())
    response, text = post(client, cast.manager)
    assert "Meeting room is revoked by now. Open this page again." in text
    assert response.context["address"] == ""
    assert Screen.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Say where it hangs, as in “Meeting room”."),
        ("name", "\0", "Write it again without special characters."),
        ("expires_on", "soon", "Choose a day, as in 2026-12-31."),
        ("expires_on", "2026-11-24", "Choose a day after today, within a year."),
        ("expires_on", "2028-01-01", "Choose a day after today, within a year."),
        ("once", "", "The form came incomplete. Open this page again."),
    ],
)
def test_bad_input_says_its_sentence_and_loses_nothing(client, cast, field, typed, sentence):
    response, text = post(client, cast.manager, shows_names="on", **{field: typed})
    assert sentence in text
    assert response.context["made"] is None
    assert not Screen.objects.exists()
    kept = {**TYPED, "shows_names": True, field: typed}
    form = response.context["form"]
    assert {name: form[name].value() for name in kept} == kept


def test_an_empty_post_is_refused_in_words(client, cast):
    client.force_login(cast.manager.user)
    assert "Say where it hangs" in client.post(url(), {}).content.decode()


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_whoever_is_no_manager_gets_403(client, cast, who):
    assert page(client, getattr(cast, who))[0].status_code == 403
    assert post(client, getattr(cast, who))[0].status_code == 403
    assert not Screen.objects.exists()


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    client.force_login(cast.stranger.user)
    for slug in ("lumina", "nowhere"):
        assert client.get(url(slug)).status_code == 404
        assert client.post(url(slug), TYPED).status_code == 404
    assert not Screen.objects.exists()


def test_anonymous_is_asked_to_sign_in(client, cast):
    for response in (client.get(url()), client.post(url(), TYPED)):
        assert response.url.startswith(reverse("account_login"))
    assert not Screen.objects.exists()


def test_nothing_else_than_reading_and_making(client, cast):
    client.force_login(cast.manager.user)
    assert client.put(url()).status_code == 405
    assert client.head(url()).status_code == 200


@pytest.mark.parametrize("many", [1, 30])
def test_three_statements_for_one_and_many(client, cast, django_assert_num_queries, many):
    for number in range(many):
        make_screen(cast.practice, f"Wall {number}")
    client.force_login(cast.manager.user)
    with django_assert_num_queries(3):
        client.get(url())
