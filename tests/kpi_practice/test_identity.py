"""kpi_practice/identity.py: who is signed in, in one statement, and that no right outlives it."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from funnel.access import take_seat
from funnel.models import PracticeVersion, Staff, User
from tests.cast import make_cast

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one"
PAGE = "/practices/lumina/mails/"


@pytest.fixture
def cast():
    return make_cast()


def sign_in(client, user):
    """Through the page, as people do."""
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


@pytest.fixture
def maya(client, cast):
    return sign_in(client, cast.owner.user)


def leads_to_the_sign_in(response):
    return response.status_code == 302 and response.url.startswith(reverse("account_login"))


def seats(statements):
    """How many of them look for session, user or membership."""
    tables = ("django_session", "funnel_user", "funnel_staff")
    # The page's own statement names who created the calendar.
    found = [it["sql"] for it in statements if "funnel_calendarfeed" not in it["sql"]]
    return [sql for sql in found if any(table in sql for table in tables)]


# One statement


def test_a_page_of_a_practice_takes_one(maya, cast, django_assert_num_queries):
    with django_assert_num_queries(2) as statements:
        assert maya.get(PAGE).status_code == 200
    assert len(seats(statements)) == 1


def test_the_rows_are_those_that_the_querysets_load(maya, cast):
    invited = {"invited_at": timezone.now(), "invited_by": cast.superuser}
    Staff.objects.filter(pk=cast.owner.pk).update(**invited)
    seat = maya.get(PAGE).context["seat"]
    by_queryset = take_seat(User.objects.get(pk=cast.owner.user_id), "lumina")
    assert seat == by_queryset
    for loaded, queried in (
        (seat.user, by_queryset.user),
        (seat.practice, by_queryset.practice),
        (seat.staff, by_queryset.staff),
    ):
        fields = [field.attname for field in loaded._meta.concrete_fields]
        assert [(name, getattr(loaded, name)) for name in fields] == [
            (name, getattr(queried, name)) for name in fields
        ]
        assert loaded._state.db == queried._state.db
        assert not loaded._state.adding
    number = PracticeVersion.objects.get(practice=cast.practice).number
    assert seat.version == by_queryset.version == number


def test_a_practice_without_a_version_has_version_0(maya, cast):
    PracticeVersion.objects.all().delete()
    assert maya.get(PAGE).context["seat"].version == 0
    assert take_seat(cast.owner.user, "lumina").version == 0


def test_a_superuser_has_a_seat_without_a_place(client, cast):
    seat = sign_in(client, cast.superuser).get(PAGE).context["seat"]
    assert (seat.user, seat.practice, seat.staff) == (cast.superuser, cast.practice, None)


@pytest.mark.parametrize("slug", ["lumina", "nowhere"])
def test_a_stranger_finds_nothing(client, cast, slug):
    response = sign_in(client, cast.stranger.user).get(f"/practices/{slug}/mails/")
    assert response.status_code == 404


def test_staff_of_two_practices_have_each_place(client, cast):
    harbor = cast.stranger.practice
    Staff.objects.create(practice=harbor, user=cast.owner.user, name="M.", access="viewer")
    client = sign_in(client, cast.owner.user)
    names = [
        client.get(f"/practices/{slug}/mails/").context["seat"].name
        for slug in ("lumina", "harbor")
    ]
    assert names == ["Maya", "M."]


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_without_a_statement(
    client, cast, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert leads_to_the_sign_in(client.get(PAGE))


def test_a_session_that_is_nobodys_stays_anonymous(client, cast):
    session = client.session
    session["seen"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert leads_to_the_sign_in(client.get(PAGE))
    assert client.session["seen"] is True


def test_an_unknown_session_loses_its_cookie(client, cast):
    client.cookies["sessionid"] = "unknown-unknown-unknown-unknown1"
    response = client.get(PAGE)
    assert leads_to_the_sign_in(response)
    assert response.cookies["sessionid"]["max-age"] == 0


# At once


def test_signing_out_ends_it(maya):
    key = maya.cookies["sessionid"].value
    maya.post(reverse("account_logout"))
    maya.cookies["sessionid"] = key
    assert leads_to_the_sign_in(maya.get(PAGE))


def test_a_user_who_is_deactivated_is_out(maya, cast):
    User.objects.filter(pk=cast.owner.user_id).update(is_active=False)
    assert leads_to_the_sign_in(maya.get(PAGE))


def test_staff_who_are_deactivated_find_nothing(maya, cast):
    Staff.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert maya.get(PAGE).status_code == 404


def test_another_access_holds_at_once(maya, cast):
    assert not maya.get(PAGE).context["seat"].is_manager
    Staff.objects.filter(pk=cast.owner.pk).update(access="manager")
    assert maya.get(PAGE).context["seat"].is_manager


def test_a_changed_password_ends_the_other_sessions(maya, cast):
    user = User.objects.get(pk=cast.owner.user_id)
    user.set_password("another-long-one")
    user.save()
    assert leads_to_the_sign_in(maya.get(PAGE))
    assert not Session.objects.exists()


def test_whoever_changes_their_password_stays_signed_in(maya):
    response = maya.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "a-new-long-one-7", "password2": "a-new-long-one-7"},
    )
    assert response.status_code == 302
    assert maya.get(PAGE).status_code == 200


def test_a_session_that_has_expired_is_over(maya):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert leads_to_the_sign_in(maya.get(PAGE))


def test_other_sessions_are_signed_out_from_the_page_for_it(maya, cast, client_class):
    other = client_class()
    other.post(reverse("account_login"), {"login": cast.owner.user.email, "password": PASSWORD})
    assert other.get(PAGE).status_code == 200
    maya.post(reverse("usersessions_list"))
    assert leads_to_the_sign_in(other.get(PAGE))
    assert maya.get(PAGE).status_code == 200


@pytest.fixture
def client_class():
    from django.test import Client

    return Client


def test_another_secret_key_ends_it(maya, settings):
    settings.SECRET_KEY = "another-" + "y" * 50
    assert leads_to_the_sign_in(maya.get(PAGE))


def test_a_rotated_secret_key_keeps_it(maya, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "y" * 50
    assert maya.get(PAGE).status_code == 200
    assert maya.get(PAGE).status_code == 200


def test_a_backend_that_is_gone_ends_it(maya, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert leads_to_the_sign_in(maya.get(PAGE))


# The library's row of a session is never trusted


def test_a_session_is_never_somebody_elses(maya, cast):
    UserSession.objects.update(user=cast.admin.user)
    seat = maya.get(PAGE).context["seat"]
    assert (seat.user, seat.is_admin) == (cast.owner.user, False)


def test_without_the_librarys_row_it_takes_one_statement_more(
    maya, cast, django_assert_num_queries
):
    UserSession.objects.all().delete()
    with django_assert_num_queries(3) as statements:
        seat = maya.get(PAGE).context["seat"]
    assert (seat.user, seat.staff, seat.practice) == (cast.owner.user, cast.owner, cast.practice)
    assert len(seats(statements)) == 2


# Sessions are written as before


def test_looking_saves_no_session(maya, django_assert_num_queries):
    before = Session.objects.get()
    with django_assert_num_queries(2):
        response = maya.get(PAGE)
    assert "sessionid" not in response.cookies
    after = Session.objects.get()
    assert (after.session_data, after.expire_date) == (before.session_data, before.expire_date)


def test_saving_at_every_request_can_be_asked_for(maya, settings):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    assert "sessionid" in maya.get(PAGE).cookies
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=13)


def test_a_page_that_depends_on_the_session_says_so(maya):
    assert "Cookie" in maya.get(PAGE)["Vary"]


def test_what_a_page_has_to_say_is_said_on_the_next(maya):
    response = maya.post(PAGE, {"recap": "no"}, follow=True)
    assert response.status_code == 200
    assert [str(message) for message in response.context["messages"]]


def test_signing_in_makes_another_session(client, cast):
    session = client.session
    session["seen"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    client = sign_in(client, cast.owner.user)
    assert client.session.session_key != session.session_key
    assert client.session[SESSION_KEY] == str(cast.owner.user_id)


@pytest.mark.parametrize("name", ["account_change_password", "mfa_index", "usersessions_list"])
def test_the_librarys_pages_work(maya, name):
    assert maya.get(reverse(name), follow=True).status_code == 200


def test_the_admin_works_in_one_statement_for_session_and_user(
    client, cast, django_assert_max_num_queries
):
    client = sign_in(client, cast.admin.user)
    with django_assert_max_num_queries(30) as statements:
        assert client.get("/admin/funnel/kpi/").status_code == 200
    assert len([it for it in seats(statements) if "django_session" in it]) == 1
    assert not [it for it in seats(statements) if 'FROM "funnel_user"' in it]
