"""models/staff.py and models/user.py: people, their places and their logins."""

import pytest

from funnel.domain.weeks import Week
from funnel.models import Practice, Staff, User
from tests.cast import make_cast
from tests.factories import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def names(rows):
    return sorted(rows.values_list("name", flat=True))


def test_whoever_could_own_a_kpi_is_active_holds_its_role_and_is_no_viewer(cast):
    role = cast.appointments.role
    assert names(Staff.objects.eligible_for(role)) == ["Maya", "Sam"]
    cast.viewer.roles.add(role)
    assert names(Staff.objects.eligible_for(role)) == ["Maya", "Sam"]
    Staff.objects.filter(pk=cast.owner.pk).update(is_active=False)
    User.objects.filter(pk=cast.stand_in.user_id).update(is_active=False)
    assert names(Staff.objects.eligible_for(role)) == []


def test_a_role_of_the_same_name_next_door_makes_nobody_eligible(cast):
    next_door = cast.stranger.practice.roles.get(name="Front desk")
    assert names(Staff.objects.eligible_for(next_door)) == []


@pytest.mark.parametrize(
    ("who", "opens_the_admin"),
    [("viewer", False), ("member", False), ("manager", False), ("admin", True)],
)
def test_only_admins_open_the_admin(cast, who, opens_the_admin):
    assert User.objects.get(pk=getattr(cast, who).user_id).is_staff == opens_the_admin


def test_an_admin_whose_place_has_ended_opens_the_admin_no_more(cast):
    Staff.objects.filter(pk=cast.admin.pk).update(is_active=False)
    assert not User.objects.get(pk=cast.admin.user_id).is_staff


def test_a_superuser_opens_the_admin_without_a_query(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert cast.superuser.is_staff


def test_an_address_is_one_login_whatever_its_capitals():
    made = User.objects.create_user(" Maya@Lumina.Example ", "pw")
    assert made.email == "maya@lumina.example"
    assert User.objects.get_by_natural_key("MAYA@lumina.example") == made
    assert made.check_password("pw")


def test_a_login_without_a_password_cannot_be_signed_in_to():
    assert not User.objects.create_user("maya@lumina.example").has_usable_password()


@pytest.mark.parametrize(
    ("day", "has_begun"),
    [("2026-11-23", True), ("2026-11-29", True), ("2026-11-30", False)],
)
def test_a_practice_has_begun_by_a_week_that_holds_its_first_day(day, has_begun):
    practice = Practice(began_on=Practice._meta.get_field("began_on").to_python(day))
    assert practice.has_begun_by(Week.of(TODAY)) == has_begun
