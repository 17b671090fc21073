"""actions/staff.py: who works in a practice, with which roles and which access."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import ownership, staff
from funnel.models import Role, Staff, User
from tests.cast import make_cast
from tests.factories import TODAY, make_ownership, make_staff, root_seat, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def roles(cast, *names):
    return list(cast.practice.roles.filter(name__in=names))


def add(cast, email="Zoe@Lumina.example", *, by=None, name="Zoe", **fields):
    return staff.add(by=seat_for(by or cast.admin), email=email, name=name, **fields)


def change(cast, person, *, by=None, **changes):
    """Changes what is named and leaves the rest as it is stored."""
    stored = Staff.objects.get(pk=person.pk)
    fields = {
        "name": stored.name,
        "title": stored.title,
        "roles": list(stored.roles.all()),
        "access": stored.access,
        **changes,
    }
    return staff.change(by=seat_for(by or cast.admin), staff=person, today=TODAY, **fields)


def deactivate(cast, person, *, by=None):
    return staff.deactivate(by=seat_for(by or cast.admin), staff=person, today=TODAY)


def refusal(error, call, *args, **kwargs):
    """Return the error of a refused call, after checking that nothing changed."""
    before = everything()
    with pytest.raises(error) as refused:
        call(*args, **kwargs)
    assert everything() == before
    return getattr(refused.value, "message_dict", None) or str(refused.value)


def everything():
    return list(Staff.history.values_list("pk")), list(User.objects.order_by("pk").values())


# Adding


def test_gives_a_new_person_a_login_and_a_place(cast):
    zoe = add(cast, title="Receptionist", roles=roles(cast, "Front desk"), access="manager")
    stored = Staff.objects.get(pk=zoe.pk)
    assert (stored.practice, stored.name, stored.title) == (cast.practice, "Zoe", "Receptionist")
    assert (stored.access, stored.is_active) == ("manager", True)
    assert list(stored.roles.values_list("name", flat=True)) == ["Front desk"]


def test_a_new_login_has_a_small_address_and_no_password(cast):
    user = add(cast, " Zoe@Lumina.example ").user
    assert user.email == "zoe@lumina.example"
    assert not user.has_usable_password()
    assert not user.is_superuser


def test_someone_of_another_practice_gets_a_place_and_keeps_their_login_and_that_place(cast):
    login = User.objects.filter(pk=cast.stranger.user_id)
    before = login.values().get()
    theirs = Staff.objects.filter(pk=cast.stranger.pk)
    place = theirs.values().get()
    added = add(cast, cast.stranger.user.email.upper(), name="Harold")
    assert added.user == cast.stranger.user
    assert (added.name, added.access) == ("Harold", "member")
    assert (login.values().get(), theirs.values().get()) == (before, place)


def test_refuses_a_second_place_for_the_same_person(cast):
    assert refusal(ValidationError, add, cast, cast.owner.user.email) == {
        "__all__": ["This person already has a place in this practice."]
    }


def test_refuses_what_is_no_address_and_makes_no_login(cast):
    assert refusal(ValidationError, add, cast, "zoe") == {"email": ["Enter a valid email address."]}


def test_refuses_a_role_of_another_practice_and_makes_no_login(cast):
    foreign = Role.objects.filter(practice=cast.stranger.practice, name="Doctor")
    assert refusal(ValidationError, add, cast, roles=foreign) == {
        "roles": ["Choose roles of this practice."]
    }


def test_refuses_an_unknown_access(cast):
    assert refusal(ValidationError, add, cast, access="boss") == {
        "access": ["Choose viewer, member, manager or admin."]
    }


# Changing


def test_changes_name_title_roles_and_access(cast):
    change(cast, cast.member, name=" Leo ", title="MD", roles=roles(cast, "Marketing"))
    change(cast, cast.member, access="manager")
    stored = Staff.objects.get(pk=cast.member.pk)
    assert (stored.name, stored.title, stored.access) == ("Leo", "MD", "manager")
    assert list(stored.roles.values_list("name", flat=True)) == ["Marketing"]


def test_an_owner_without_the_role_stays_owner_until_someone_else_is_named(cast):
    change(cast, cast.owner, roles=[])
    assert cast.appointments.ownerships.on(TODAY).get().staff == cast.owner


def test_refuses_to_make_an_owner_a_viewer(cast):
    assert refusal(ValidationError, change, cast, cast.owner, access="viewer") == {
        "access": ["Maya owns Appointments. Give it another owner first."]
    }


def test_someone_who_owns_nothing_any_more_can_become_a_viewer(cast):
    make_ownership(cast.appointments, cast.stand_in, TODAY)
    assert change(cast, cast.owner, access="viewer").access == "viewer"


def test_refuses_to_take_access_from_the_last_admin(cast):
    assert refusal(ValidationError, change, cast, cast.admin, access="manager") == {
        "access": ["Ada is the practice's last admin."]
    }


def test_an_admin_whose_place_has_ended_is_no_other_admin(cast):
    second = make_staff(cast.practice, "Bea", access=Staff.Access.ADMIN)
    deactivate(cast, second)
    assert refusal(ValidationError, change, cast, cast.admin, access="manager") == {
        "access": ["Ada is the practice's last admin."]
    }


def test_an_admin_steps_down_where_there_is_another(cast):
    make_staff(cast.practice, "Bea", access=Staff.Access.ADMIN)
    assert change(cast, cast.admin, access="member").access == "member"


def test_refuses_a_role_of_another_practice(cast):
    foreign = Role.objects.filter(practice=cast.stranger.practice, name="Doctor")
    assert refusal(ValidationError, change, cast, cast.owner, roles=foreign) == {
        "roles": ["Choose roles of this practice."]
    }


# Ending a place


def test_a_place_that_ended_is_kept_and_can_be_given_back(cast):
    deactivate(cast, cast.member)
    assert not Staff.objects.get(pk=cast.member.pk).is_active
    staff.reactivate(by=seat_for(cast.admin), staff=cast.member)
    assert Staff.objects.get(pk=cast.member.pk).is_active


def test_ending_a_place_leaves_the_login_for_other_practices(cast):
    deactivate(cast, cast.member)
    assert User.objects.get(pk=cast.member.user_id).is_active


def test_refuses_to_end_an_owners_place_and_names_every_kpi(cast):
    cast.owner.roles.set(cast.practice.roles.all())
    for kpi in (cast.patients, cast.leads):
        make_ownership(kpi, cast.owner, TODAY)
    assert refusal(ValidationError, deactivate, cast, cast.owner) == {
        "is_active": [
            "Maya owns Leads, Appointments and Patients acquired. Give it another owner first."
        ]
    }


def test_refuses_to_end_the_place_of_someone_who_will_own_a_kpi(cast):
    make_ownership(cast.appointments, cast.stand_in, date(2026, 11, 30))
    assert refusal(ValidationError, deactivate, cast, cast.stand_in) == {
        "is_active": ["Sam owns Appointments. Give it another owner first."]
    }


def test_names_a_kpi_once_that_someone_owns_now_and_again_later(cast):
    seat = seat_for(cast.admin)
    ownership.end(by=seat, kpi=cast.appointments, ends_on=TODAY)
    make_ownership(cast.appointments, cast.owner, date(2026, 12, 7))
    assert refusal(ValidationError, deactivate, cast, cast.owner) == {
        "is_active": ["Maya owns Appointments. Give it another owner first."]
    }


def test_whoever_owned_a_kpi_until_yesterday_can_leave(cast):
    make_ownership(cast.appointments, cast.stand_in, TODAY)
    assert not deactivate(cast, cast.owner).is_active


def test_refuses_to_end_the_last_admins_place(cast):
    assert refusal(ValidationError, deactivate, cast, cast.admin) == {
        "is_active": ["Ada is the practice's last admin."]
    }


def test_an_admin_who_cannot_sign_in_is_no_other_admin(cast):
    second = make_staff(cast.practice, "Bea", access=Staff.Access.ADMIN)
    User.objects.filter(pk=second.user_id).update(is_active=False)
    assert refusal(ValidationError, deactivate, cast, cast.admin) == {
        "is_active": ["Ada is the practice's last admin."]
    }


# Who may


@pytest.mark.parametrize("who", ["viewer", "owner", "manager", "stranger"])
def test_only_an_admin_of_the_practice_changes_its_staff(cast, who):
    person = getattr(cast, who)
    sentence = "Only an admin of the practice can change its staff."
    member = cast.member if who != "stranger" else cast.viewer
    if who != "stranger":
        assert refusal(PermissionDenied, add, cast, by=person) == sentence
    assert refusal(PermissionDenied, change, cast, member, by=person, name="Zed") == sentence
    assert refusal(PermissionDenied, deactivate, cast, member, by=person) == sentence
    seat = seat_for(person)
    assert refusal(PermissionDenied, staff.reactivate, by=seat, staff=member) == sentence


def test_a_superuser_changes_staff_everywhere(cast):
    seat = root_seat(cast.practice)
    assert staff.add(by=seat, email="zoe@lumina.example", name="Zoe").practice == cast.practice


# History


def told(person):
    """Each change, oldest first: by whom, and access, place and roles afterwards."""
    past = person.history.order_by("history_id")
    return [
        (
            h.history_user.email,
            h.access,
            h.is_active,
            sorted(h.roles.values_list("role__name", flat=True)),
        )
        for h in past
    ]


def test_every_change_of_access_and_place_leaves_who_old_and_new(cast):
    zoe = add(cast)
    change(cast, zoe, access="manager")
    deactivate(cast, zoe)
    staff.reactivate(by=root_seat(cast.practice), staff=zoe)
    ada = "ada@lumina.example"
    assert told(zoe) == [
        (ada, "member", True, []),
        (ada, "manager", True, []),
        (ada, "manager", False, []),
        ("root@example.com", "manager", True, []),
    ]


def test_every_change_of_roles_leaves_who_old_and_new(cast):
    zoe = add(cast, roles=roles(cast, "Doctor"))
    change(cast, zoe, roles=roles(cast, "Doctor", "Marketing"), by=cast.admin)
    changes = told(zoe)
    assert {who for who, *_ in changes} == {"ada@lumina.example"}
    kept = [held for *_, held in changes]
    assert [r for n, r in enumerate(kept) if n == 0 or r != kept[n - 1]] == [
        [],
        ["Doctor"],
        ["Doctor", "Marketing"],
    ]


def test_one_switches_ones_own_recap_off_and_on(cast):
    seat = seat_for(cast.viewer)
    assert not staff.wish_recap(by=seat, wants=False).wants_recap
    staff.wish_recap(by=seat, wants=False)
    assert staff.wish_recap(by=seat, wants=True).wants_recap
    kept = cast.viewer.history.order_by("history_id")
    assert [row.wants_recap for row in kept] == [True, False, True]
    assert [row.history_user for row in kept][1:] == [cast.viewer.user] * 2


def test_a_superuser_without_a_place_gets_no_recap(cast):
    with pytest.raises(PermissionDenied):
        staff.wish_recap(by=root_seat(cast.practice), wants=True)


def test_one_chooses_how_many_reminders_one_gets(cast):
    seat = seat_for(cast.owner)
    for wish in ("last", "last", "none", "both"):
        assert staff.wish_reminders(by=seat, wish=wish).reminders == wish
    kept = cast.owner.history.order_by("history_id")
    assert [row.reminders for row in kept][-4:] == ["both", "last", "none", "both"]
    assert [row.history_user for row in kept][-3:] == [cast.owner.user] * 3


def test_a_wish_that_is_none_changes_nothing(cast):
    with pytest.raises(ValidationError, match="Choose both reminders"):
        staff.wish_reminders(by=seat_for(cast.owner), wish="some")
    assert Staff.objects.get(pk=cast.owner.pk).reminders == "both"


def test_a_superuser_without_a_place_gets_no_reminders(cast):
    with pytest.raises(PermissionDenied):
        staff.wish_reminders(by=root_seat(cast.practice), wish="none")
