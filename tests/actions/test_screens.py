"""actions/screens.py: who gives a wall its address, and takes it back."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.access import authenticate_screen
from funnel.actions import screens
from funnel.models import Screen
from funnel.models.secret import hash_of_token
from tests.cast import make_cast
from tests.factories import TODAY, make_screen, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


def make(person, **changes):
    given = {"name": "Meeting room", "expires_on": date(2026, 12, 24), "shows_names": False}
    return screens.make(by=seat_for(person), **{**given, "once": "one form", **changes})


def test_makes_a_screen_and_keeps_of_its_token_only_what_is_of_no_use_to_a_thief(cast):
    screen, token = make(cast.manager, name="  Meeting room ")
    assert (screen.name, screen.practice, screen.made_by) == (
        "Meeting room",
        cast.practice,
        cast.manager.user,
    )
    assert screen.made_at == NOW
    assert screen.token_hash == hash_of_token(token)
    assert token.startswith(screen.token_start)
    assert len(token) == 32
    assert len(screen.token_start) == 6
    assert token not in {str(value) for value in Screen.objects.values().get().values()}
    assert authenticate_screen(token, NOW) == screen


def test_the_same_form_sent_twice_makes_one_screen_and_tells_the_same_token(cast):
    assert make(cast.manager) == make(cast.manager)
    assert Screen.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"once": "another form"},
        {"name": "Front desk"},
        {"expires_on": date(2026, 12, 25)},
        {"shows_names": True},
    ],
)
def test_another_form_and_other_words_make_another_screen(cast, changes):
    _, token = make(cast.manager)
    _, other = make(cast.manager, **changes)
    assert other != token
    assert Screen.objects.count() == 2


def test_the_same_form_of_two_people_and_two_sites_makes_other_tokens(cast, settings):
    _, token = make(cast.manager)
    _, of_another = make(cast.admin)
    settings.SECRET_KEY = "another site's key"
    _, elsewhere = make(cast.manager)
    assert len({token, of_another, elsewhere}) == 3


def test_words_cannot_be_shifted_from_one_field_to_the_next(cast):
    _, token = make(cast.manager, once="a", name="b")
    with pytest.raises(ValidationError):
        make(cast.manager, once="a\nb", name=" ")
    _, other = make(cast.manager, once="a\nb", name="c")
    assert other != token


def test_a_form_sent_again_after_its_screen_was_switched_off_is_refused(cast):
    screen, _ = make(cast.manager)
    screens.revoke(by=seat_for(cast.manager), screen=screen)
    with pytest.raises(ValidationError) as refused:
        make(cast.manager)
    assert refused.value.messages == ["Meeting room is revoked by now. Open this page again."]
    assert Screen.objects.count() == 1


@pytest.mark.parametrize("days", [0, -1, 367])
def test_its_last_day_is_after_today_and_within_a_year(cast, days):
    with pytest.raises(ValidationError) as refused:
        make(cast.manager, expires_on=TODAY + timedelta(days=days))
    assert refused.value.message_dict == {
        "expires_on": ["Choose a day after today, within a year."]
    }
    assert not Screen.objects.exists()


@pytest.mark.parametrize("days", [1, 366])
def test_tomorrow_and_a_day_in_a_year_will_do(cast, days):
    make(cast.manager, expires_on=TODAY + timedelta(days=days))
    assert Screen.objects.exists()


def test_after_today_is_told_where_the_practice_is(cast, clock):
    clock.move_to(datetime(2026, 11, 25, 3, tzinfo=UTC))  # Still the 24th in New York.
    make(cast.manager, expires_on=date(2026, 11, 25))
    assert Screen.objects.exists()


def test_it_has_a_name(cast):
    with pytest.raises(ValidationError) as refused:
        make(cast.manager, name="  ")
    assert "name" in refused.value.message_dict
    assert not Screen.objects.exists()


@pytest.mark.parametrize("who", ["owner", "viewer", "member"])
def test_only_a_manager_makes_and_switches_off(cast, who):
    screen, _ = make_screen(cast.practice)
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        make(by)
    with pytest.raises(PermissionDenied):
        screens.revoke(by=seat_for(by), screen=screen)
    assert Screen.objects.get().revoked_at is None


def test_an_admin_next_door_switches_nothing_off_here(cast):
    screen, _ = make_screen(cast.practice)
    with pytest.raises(PermissionDenied):
        screens.revoke(by=seat_for(cast.stranger), screen=screen)
    assert Screen.objects.get().revoked_at is None


def test_switches_off_for_good_and_keeps_who_and_when(cast, clock):
    screen, token = make_screen(cast.practice)
    screens.revoke(by=seat_for(cast.manager), screen=screen)
    clock.move_to(NOW + timedelta(days=1))
    again = screens.revoke(by=seat_for(cast.admin), screen=screen)
    assert (again.revoked_by, again.revoked_at) == (cast.manager.user, NOW)
    assert authenticate_screen(token, NOW) is None


@pytest.mark.parametrize(("hour", "minute", "is_taken"), [(4, 59, True), (5, 0, False)])
def test_it_expires_with_the_end_of_its_last_day_in_new_york(cast, hour, minute, is_taken):
    _, token = make(cast.manager)
    now = datetime(2026, 12, 25, hour, minute, tzinfo=UTC)
    assert (authenticate_screen(token, now) is not None) == is_taken
