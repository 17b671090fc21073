"""actions/calendars.py: one address a person, shown once and revoked for good."""

import re
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.access import authenticate_calendar, seat_at
from funnel.actions import calendars, staff
from funnel.models import CalendarFeed, Staff
from funnel.models.secret import hash_of_token
from tests.cast import make_cast
from tests.factories import TODAY, make_calendar, make_practice, root_seat, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def maya(cast):
    return seat_for(cast.owner)


def test_what_is_stored_does_not_open_it(maya):
    token = calendars.make(by=maya, once="k")
    feed = CalendarFeed.objects.get()
    assert re.fullmatch(r"[\w-]{32}", token)
    assert (feed.token_hash, feed.token_start) == (hash_of_token(token), token[:6])
    assert (feed.staff, feed.made_by) == (maya.staff, maya.user)
    assert authenticate_calendar(token, NOW) == feed
    assert authenticate_calendar(feed.token_hash, NOW) is None


def test_the_same_form_twice_makes_one_address(maya):
    assert calendars.make(by=maya, once="k") == calendars.make(by=maya, once="k")
    assert CalendarFeed.objects.count() == 1


def test_a_new_one_takes_the_place_of_the_old(maya):
    old = calendars.make(by=maya, once="k")
    new = calendars.make(by=maya, once="l")
    assert authenticate_calendar(old, NOW) is None
    assert authenticate_calendar(new, NOW).staff == maya.staff
    gone = CalendarFeed.objects.exclude(revoked_at=None).get()
    assert (gone.token_hash, gone.revoked_by) == (hash_of_token(old), maya.user)


def test_once_revoked_it_stays_revoked(maya):
    token = calendars.make(by=maya, once="k")
    calendars.revoke(by=maya)
    calendars.revoke(by=maya)
    assert authenticate_calendar(token, NOW) is None
    with pytest.raises(ValidationError, match="is revoked by now"):
        calendars.make(by=maya, once="k")
    assert CalendarFeed.objects.unrevoked().count() == 0


def test_nobody_elses_is_touched(cast, maya):
    tom = calendars.make(by=seat_for(cast.marketer), once="k")
    mine = calendars.make(by=maya, once="k")
    assert tom != mine
    calendars.revoke(by=maya)
    assert authenticate_calendar(tom, NOW).staff == cast.marketer


def test_ends_when_its_person_leaves_and_stays_so_when_they_come_back(cast, maya):
    theirs = make_calendar(cast.member)
    others = calendars.make(by=maya, once="a")
    admin = seat_for(cast.admin)
    staff.deactivate(by=admin, staff=cast.member, today=TODAY)
    staff.reactivate(by=admin, staff=cast.member)
    assert authenticate_calendar(theirs, NOW) is None
    stored = CalendarFeed.objects.get(staff=cast.member)
    assert (stored.revoked_at is not None, stored.revoked_by) == (True, cast.admin.user)
    assert authenticate_calendar(others, NOW) is not None


def test_a_person_has_another_in_each_practice(maya):
    third = make_practice("third")
    Staff.objects.create(practice=third, user=maya.user, name="Maya")
    tokens = {calendars.make(by=seat, once="k") for seat in (maya, seat_at(maya.user, third))}
    assert {authenticate_calendar(token, NOW).staff.practice.slug for token in tokens} == {
        "lumina",
        "third",
    }


@pytest.mark.parametrize(
    "act", [lambda by: calendars.make(by=by, once="k"), lambda by: calendars.revoke(by=by)]
)
def test_not_for_a_superuser_without_a_place(cast, act):
    with pytest.raises(PermissionDenied):
        act(root_seat(cast.practice))
    assert not CalendarFeed.objects.exists()
