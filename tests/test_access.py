"""access.py: who may see, enter and manage."""

from datetime import date

import pytest

from funnel import access
from funnel.models import Ownership, Staff, User
from tests.cast import make_cast
from tests.factories import TODAY, make_practice, make_staff, make_superuser, root_seat, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def end_place(person):
    Staff.objects.filter(pk=person.pk).update(is_active=False)


def end_login(person):
    User.objects.filter(pk=person.user_id).update(is_active=False)


def login(person):
    """As a request would load it."""
    return User.objects.get(pk=getattr(person, "user_id", person.pk))


def seats_of(user, practice):
    """The three ways to a seat, which never disagree: by slug, by practice, among all."""
    by_slug = access.take_seat(user, practice.slug)
    by_practice = access.seat_at(user, practice)
    among_all = [seat for seat in access.all_seats(user) if seat.practice == practice]
    return by_slug, by_practice, among_all[0] if among_all else None


# A seat


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in", "manager", "admin"])
def test_whoever_works_there_has_a_seat(cast, who):
    person = getattr(cast, who)
    for seat in seats_of(login(person), cast.practice):
        assert (seat.user, seat.practice, seat.staff) == (person.user, cast.practice, person)
        assert seat.name == person.name


def test_a_stranger_has_no_seat_whatever_they_are_next_door(cast):
    assert seats_of(login(cast.stranger), cast.practice) == (None, None, None)


def test_no_such_practice_looks_like_a_practice_of_others(cast):
    assert access.take_seat(login(cast.owner), "nowhere") is None


@pytest.mark.parametrize("end", [end_place, end_login])
def test_whoever_left_has_no_seat(cast, end):
    end(cast.admin)
    assert seats_of(login(cast.admin), cast.practice) == (None, None, None)
    assert access.administered(login(cast.admin)) == []


def test_leaving_one_practice_leaves_the_place_in_another(cast):
    third = make_practice("third")
    there = Staff.objects.create(practice=third, user=cast.owner.user, name="Maya")
    end_place(cast.owner)
    assert [seat.staff for seat in access.all_seats(login(cast.owner))] == [there]


def test_a_superuser_has_a_seat_everywhere_even_without_a_place(cast):
    for practice in (cast.practice, cast.stranger.practice):
        for seat in seats_of(login(cast.superuser), practice):
            assert (seat.staff, seat.name) == (None, "root@example.com")
            assert seat.is_admin


@pytest.mark.parametrize("is_active", [True, False])
def test_a_superuser_sits_in_their_own_place_while_they_have_one(cast, is_active):
    place = Staff.objects.create(
        practice=cast.practice,
        user=cast.superuser,
        name="Rootie",
        access="viewer",
        is_active=is_active,
    )
    for seat in seats_of(login(cast.superuser), cast.practice):
        assert seat.staff == (place if is_active else None)
        assert seat.is_admin


def test_a_superuser_who_may_not_sign_in_has_no_seat(cast):
    cast.superuser.is_active = False
    cast.superuser.save()
    assert seats_of(login(cast.superuser), cast.practice) == (None, None, None)
    assert access.administered(login(cast.superuser)) == []


def test_all_seats_stand_by_practice_name(cast):
    assert [seat.practice.name for seat in access.all_seats(login(cast.superuser))] == [
        "Harbor Skin & Laser",
        "Lumina Aesthetics",
    ]


def test_the_place_next_door_gives_no_access_here(cast):
    viewer = Staff.objects.create(
        practice=cast.practice, user=cast.stranger.user, name="Hal", access="viewer"
    )
    for seat in seats_of(login(cast.stranger), cast.practice):
        assert seat.staff == viewer
        assert not seat.may_enter_own
        assert not seat.is_admin


@pytest.mark.parametrize(
    ("who", "may_enter_own", "is_manager", "is_admin"),
    [
        ("viewer", False, False, False),
        ("member", True, False, False),
        ("manager", True, True, False),
        ("admin", True, True, True),
    ],
)
def test_access_decides_what_a_seat_may(cast, who, may_enter_own, is_manager, is_admin):
    seat = seat_for(getattr(cast, who))
    assert (seat.may_enter_own, seat.is_manager, seat.is_admin) == (
        may_enter_own,
        is_manager,
        is_admin,
    )


def test_a_superuser_without_a_place_may_everything(cast):
    seat = root_seat(cast.practice)
    assert seat.may_enter_own
    assert seat.is_manager
    assert seat.is_admin


def test_a_seat_without_a_place_is_nobody_of_the_staff(cast):
    assert not root_seat(cast.practice).is_me(None)
    assert not root_seat(cast.practice).is_me(cast.owner)
    assert seat_for(cast.owner).is_me(cast.owner)
    assert not seat_for(cast.owner).is_me(cast.member)
    assert not seat_for(cast.owner).is_me(None)


# The admin's practices


def test_an_admin_administers_their_practices_and_no_other(cast):
    Staff.objects.create(
        practice=cast.practice, user=cast.stranger.user, name="Hal", access="manager"
    )
    assert access.administered(login(cast.admin)) == [cast.practice.pk]
    assert access.administered(login(cast.stranger)) == [cast.stranger.practice_id]
    assert access.administered(login(cast.manager)) == []
    assert len(access.administered(login(cast.superuser))) == 2


# A standing before a KPI


def stand(person, kpi, day=TODAY):
    standing = access.take_stand(seat_for(person), kpi.slug, day)
    return standing.owner, standing.is_mine, standing.may_enter, standing.needs_reason


@pytest.mark.parametrize(
    ("who", "is_mine", "may_enter", "needs_reason"),
    [
        ("viewer", False, False, False),
        ("member", False, False, False),
        ("marketer", False, False, False),
        ("owner", True, True, False),
        ("stand_in", True, True, False),
        ("manager", False, True, True),
        ("admin", False, True, True),
    ],
)
def test_who_may_enter_a_number_and_who_says_why(cast, who, is_mine, may_enter, needs_reason):
    standing = stand(getattr(cast, who), cast.appointments)
    assert standing == (cast.owner, is_mine, may_enter, needs_reason)


@pytest.mark.parametrize(
    ("day", "is_mine"),
    [
        (date(2026, 11, 16), False),
        (date(2026, 11, 17), True),
        (date(2026, 12, 1), True),
        (date(2026, 12, 2), False),
    ],
)
def test_a_stand_in_enters_inside_their_dates_only(cast, day, is_mine):
    assert stand(cast.stand_in, cast.appointments, day) == (cast.owner, is_mine, is_mine, False)


def test_a_stand_in_for_one_kpi_is_none_for_another(cast):
    assert stand(cast.stand_in, cast.leads) == (cast.marketer, False, False, False)


def test_a_manager_who_owns_a_kpi_gives_no_reason_for_it(cast):
    Staff.objects.filter(pk=cast.owner.pk).update(access="manager")
    assert stand(cast.owner, cast.appointments) == (cast.owner, True, True, False)


def test_an_owner_who_became_a_viewer_only_looks(cast):
    Staff.objects.filter(pk=cast.owner.pk).update(access="viewer")
    assert stand(cast.owner, cast.appointments) == (cast.owner, False, False, False)


def test_a_stand_in_who_became_a_viewer_only_looks(cast):
    Staff.objects.filter(pk=cast.stand_in.pk).update(access="viewer")
    assert stand(cast.stand_in, cast.appointments) == (cast.owner, False, False, False)


def test_the_owner_of_a_day_is_whoever_owned_the_kpi_then(cast):
    Ownership.objects.filter(kpi=cast.appointments).update(ends_on=date(2026, 11, 22))
    assert stand(cast.owner, cast.appointments, date(2026, 11, 22))[:2] == (cast.owner, True)
    assert stand(cast.owner, cast.appointments, date(2026, 11, 23))[:2] == (None, False)


def test_a_superuser_enters_with_a_reason(cast):
    standing = access.take_stand(root_seat(cast.practice), "appointments", TODAY)
    assert (standing.is_mine, standing.may_enter, standing.needs_reason) == (False, True, True)


def test_there_is_no_standing_before_a_kpi_of_another_practice(cast):
    assert access.take_stand(seat_for(cast.owner), "nothing", TODAY) is None
    theirs = make_staff(cast.stranger.practice, "Ines")
    standing = access.take_stand(seat_for(theirs), "appointments", TODAY)
    assert standing.kpi.practice == cast.stranger.practice


# What it costs


def test_each_answer_costs_one_query(cast, django_assert_num_queries):
    user, seat = login(cast.owner), seat_for(cast.owner)
    for ask in (
        lambda: access.take_seat(user, "lumina").staff.name,
        lambda: access.seat_at(user, cast.practice).staff.name,
        lambda: [seat.staff.name for seat in access.all_seats(user)],
        lambda: access.administered(user),
        lambda: access.take_stand(seat, "appointments", TODAY).owner.name,
    ):
        with django_assert_num_queries(1):
            ask()


def test_a_superusers_answers_cost_no_more(cast, django_assert_num_queries):
    user, seat = login(make_superuser()), root_seat(cast.practice)
    for ask in (
        lambda: access.take_seat(user, "lumina"),
        lambda: access.seat_at(user, cast.practice),
        lambda: access.all_seats(user),
        lambda: access.administered(user),
        lambda: access.take_stand(seat, "appointments", TODAY).kpi.role.name,
    ):
        with django_assert_num_queries(1):
            ask()


@pytest.mark.parametrize(
    ("who", "finishes", "reopens_own", "reopens_anothers"),
    [
        ("owner", True, True, False),
        ("viewer", False, False, False),
        ("stand_in", False, False, False),
        ("manager", True, True, True),
        ("admin", True, True, True),
    ],
)
def test_a_follow_up_is_its_owners_and_the_managers(
    cast, who, finishes, reopens_own, reopens_anothers
):
    seat, owner = seat_for(getattr(cast, who)), cast.owner.pk
    assert seat.may_finish(owner) == finishes
    assert seat.may_reopen(owner, seat.user.pk) == reopens_own
    assert seat.may_reopen(owner, cast.superuser.pk) == reopens_anothers
    assert seat.may_reopen(owner, None) == reopens_anothers


# The first visit


def test_there_is_nobody_until_there_is_a_login(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert access.has_nobody()
    User.objects.create_user("someone@example.com", is_active=False)
    assert not access.has_nobody()
