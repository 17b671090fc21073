import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.urls import reverse

from funnel.models import Role, Staff, User
from tests.factories import make_staff
from tests.sending import send_all

LIST = "/admin/funnel/staff/"
ADD = f"{LIST}add/"


def page(person):
    return reverse("admin:funnel_staff_change", args=[person.pk])


def as_shown(person, **changes):
    """What the browser sends when only `changes` were typed; is_active=None is unticked."""
    said = {
        "name": person.name,
        "title": person.title,
        "roles": [role.pk for role in person.roles.all()],
        "access": person.access,
        "is_active": "on",
        **changes,
    }
    return {key: value for key, value in said.items() if value is not None}


def errors(response):
    return response.context["adminform"].form.errors


def a_role(practice, name):
    return Role.objects.get(practice=practice, name=name)


def test_adds_a_person_with_roles(as_admin, cast):
    role = a_role(cast.practice, "Front desk")
    typed = {
        "name": "Nora",
        "email": "Nora@Lumina.example",
        "title": "Receptionist",
        "roles": [role.pk],
        "access": "member",
    }
    assert as_admin.post(ADD, typed).status_code == 302
    added = Staff.objects.get(name="Nora")
    assert added.practice == cast.practice
    assert added.user.email == "nora@lumina.example"
    assert not added.user.has_usable_password()
    assert list(added.roles.all()) == [role]
    assert added.history.first().history_user == cast.admin.user


def test_an_address_known_elsewhere_is_added_as_any_other(as_admin, cast):
    typed = {"name": "Hal", "email": cast.stranger.user.email, "access": "member"}
    response = as_admin.post(ADD, typed, follow=True)
    assert b"was added successfully" in response.content
    assert User.objects.filter(email=cast.stranger.user.email).count() == 1
    cast.stranger.user.refresh_from_db()
    assert cast.stranger.user.check_password("pw")


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"email": "maya@lumina.example"}, "__all__", "already has a place in this practice"),
        ({"email": "nobody"}, "email", "valid email"),
        ({"name": " "}, "name", "required"),
        ({"access": "superuser"}, "access", "not one of the available choices"),
    ],
)
def test_refuses_what_cannot_be_added(as_admin, cast, typed, field, sentence):
    count = User.objects.count()
    valid = {"name": "Nora", "email": "nora@lumina.example", "access": "member"}
    response = as_admin.post(ADD, {**valid, **typed})
    assert sentence in str(errors(response)[field])
    assert User.objects.count() == count


def test_refuses_a_role_of_another_practice(as_admin, cast):
    theirs = cast.stranger.practice.roles.first()
    response = as_admin.post(page(cast.owner), as_shown(cast.owner, roles=[theirs.pk]))
    assert "not one of the available choices" in str(errors(response)["roles"])
    typed = {"name": "N", "email": "n@x.example", "access": "member", "roles": [theirs.pk]}
    assert "not one of the available choices" in str(errors(as_admin.post(ADD, typed))["roles"])


def test_changes_title_roles_and_access(as_admin, cast):
    doctor = a_role(cast.practice, "Doctor")
    changes = {"title": "Dr", "roles": [doctor.pk], "access": "manager"}
    assert as_admin.post(page(cast.member), as_shown(cast.member, **changes)).status_code == 302
    cast.member.refresh_from_db()
    assert (cast.member.title, cast.member.access) == ("Dr", "manager")


def test_makes_nobody_superuser_and_gives_no_other_login(as_admin, cast):
    typed = as_shown(
        cast.admin,
        is_superuser="on",
        user=cast.superuser.pk,
        practice=cast.stranger.practice.pk,
        email="other@x.example",
        user_permissions=[1],
        groups=[1],
    )
    assert as_admin.post(page(cast.admin), typed).status_code == 302
    kept = Staff.objects.select_related("user").get(pk=cast.admin.pk)
    assert (kept.user, kept.practice) == (cast.admin.user, cast.practice)
    assert not kept.user.is_superuser
    assert kept.user.email == "ada@lumina.example"
    assert not kept.user.user_permissions.exists()


def test_logins_are_for_superusers(as_admin, cast):
    assert as_admin.get("/admin/funnel/user/").status_code == 403
    url = reverse("admin:funnel_user_change", args=[cast.admin.user.pk])
    assert as_admin.post(url, {"is_superuser": "on"}).status_code in {302, 403}
    cast.admin.user.refresh_from_db()
    assert not cast.admin.user.is_superuser


def test_refuses_to_deactivate_an_owner_and_names_the_kpis(as_admin, cast):
    response = as_admin.post(page(cast.owner), as_shown(cast.owner, is_active=None))
    assert errors(response)["is_active"] == ["Maya owns Appointments. Give it another owner first."]
    cast.owner.refresh_from_db()
    assert cast.owner.is_active


def test_a_refusal_of_one_part_saves_no_other(as_admin, cast):
    as_admin.post(page(cast.owner), as_shown(cast.owner, name="May", is_active=None))
    cast.owner.refresh_from_db()
    assert cast.owner.name == "Maya"


def test_refuses_to_make_an_owner_a_viewer(as_admin, cast):
    response = as_admin.post(page(cast.owner), as_shown(cast.owner, access="viewer"))
    assert "Maya owns Appointments" in str(errors(response)["access"])


def test_refuses_to_take_the_last_admin_away(as_admin, cast):
    response = as_admin.post(page(cast.admin), as_shown(cast.admin, access="member"))
    assert errors(response)["access"] == ["Ada is the practice's last admin."]
    response = as_admin.post(page(cast.admin), as_shown(cast.admin, is_active=None))
    assert errors(response)["is_active"] == ["Ada is the practice's last admin."]


def test_deactivates_and_brings_back(as_admin, cast):
    as_admin.post(page(cast.member), as_shown(cast.member, is_active=None))
    cast.member.refresh_from_db()
    assert not cast.member.is_active
    assert cast.member not in as_admin.get(LIST).context["cl"].result_list
    assert list(as_admin.get(LIST, {"works": "no"}).context["cl"].result_list) == [cast.member]
    as_admin.post(page(cast.member), as_shown(cast.member))
    cast.member.refresh_from_db()
    assert cast.member.is_active


def test_the_list_asks_the_same_number_of_questions_for_more_people(
    as_admin, cast, django_assert_num_queries
):
    as_admin.get(LIST)
    with django_assert_num_queries(8):
        as_admin.get(LIST)
    for number in range(10):
        make_staff(cast.practice, f"Person{number}", "Marketing")
    with django_assert_num_queries(8):
        as_admin.get(LIST)


def invite(client, *people):
    chosen = {"action": "invite", "_selected_action": [p.pk for p in people], "index": "0"}
    return client.post(LIST, chosen)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_invites_the_selected_and_says_so(as_admin, cast):
    response = invite(as_admin, cast.owner, cast.member)
    assert said(response) == [
        "An invitation is on its way to Lee (lee@lumina.example), Maya (maya@lumina.example)."
    ]
    assert as_admin.get(LIST).content.decode().count('field-invitation">waiting') == 2
    send_all()
    assert as_admin.get(LIST).content.decode().count('field-invitation">delivered') == 2
    assert sorted(message.to[0] for message in mail.outbox) == [
        "lee@lumina.example",
        "maya@lumina.example",
    ]


def test_says_who_cannot_be_invited(as_admin, cast):
    Staff.objects.filter(pk=cast.member.pk).update(is_active=False)
    chosen = {"action": "invite", "_selected_action": [cast.member.pk], "index": "0"}
    response = as_admin.post(f"{LIST}?works=all", chosen)
    assert said(response) == ["Lee no longer works here."]
