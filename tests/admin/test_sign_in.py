import pytest
from django.urls import reverse

INDEX = "/admin/"


def sign_in(client, email, password):
    page = client.get(INDEX, follow=True)
    form = {"login": email, "password": password, "next": INDEX}
    return client.post(page.redirect_chain[-1][0], form, follow=True)


def test_the_admin_asks_allauth_who_you_are(client, cast):
    page = client.get(INDEX, follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert client.post(reverse("admin:login"), {"username": "x"}).url.startswith(
        reverse("account_login")
    )


@pytest.mark.parametrize("who", ["admin", "superuser"])
def test_an_admin_signs_in_and_lands_on_the_admin(client, cast, who):
    person = getattr(cast, who)
    response = sign_in(client, getattr(person, "user", person).email, "pw")
    assert response.request["PATH_INFO"] == INDEX
    assert b"Weekly KPI meeting</a>" in response.content


@pytest.mark.parametrize("who", ["owner", "manager", "viewer"])
def test_whoever_is_no_admin_signs_in_and_is_refused(client, cast, who):
    assert sign_in(client, getattr(cast, who).user.email, "pw").status_code == 403


def test_guessing_a_password_is_throttled(client, cast):
    for _ in range(5):
        sign_in(client, cast.admin.user.email, "wrong")
    response = sign_in(client, cast.admin.user.email, "pw")
    assert not response.wsgi_request.user.is_authenticated


def test_an_admin_who_lost_the_access_loses_the_admin(as_admin, cast):
    assert as_admin.get(INDEX).status_code == 200
    cast.admin.access = "manager"
    cast.admin.save()
    assert as_admin.get(INDEX, follow=True).status_code == 403


def test_changing_the_password_is_on_one_page(as_admin):
    response = as_admin.get(reverse("admin:password_change"))
    assert response.url == reverse("account_change_password")


def test_recent_actions_are_ones_own(as_admin, cast, client):
    from django.contrib.admin.models import CHANGE, LogEntry

    LogEntry.objects.log_actions(cast.superuser.pk, [cast.stranger], CHANGE, "h")
    assert b"Hal" not in as_admin.get(INDEX).content


def test_signs_out(as_admin):
    as_admin.post(reverse("admin:logout"))
    assert as_admin.get(INDEX).status_code == 302
