import pytest
from django.test import Client
from django.urls import reverse

from funnel.models import Staff
from tests.cast import make_cast

pytestmark = pytest.mark.django_db

URL = "/practices/lumina/mails/"


@pytest.fixture
def cast():
    return make_cast()


def post(client, user, wish):
    client.force_login(user)
    return client.post(URL, {"recap": wish})


def wants(person):
    return Staff.objects.get(pk=person.pk).wants_recap


def text_of(client, user):
    client.force_login(user)
    response = client.get(URL)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["viewer", "owner", "manager"])
def test_everyone_switches_their_own_recap_off_and_on(client, cast, who):
    person = getattr(cast, who)
    before = person.history.count()
    assert "You get it." in text_of(client, person.user)
    assert post(client, person.user, "no").url == URL
    assert not wants(person)
    assert "You do not get it." in text_of(client, person.user)
    post(client, person.user, "yes")
    assert wants(person)
    assert person.history.count() == before + 2


def test_nobody_elses_is_changed(client, cast):
    post(client, cast.owner.user, "no")
    assert Staff.objects.filter(wants_recap=False).get() == cast.owner


@pytest.mark.parametrize("wish", ["", "maybe"])
def test_a_wish_that_is_none_says_so_and_changes_nothing(client, cast, wish):
    response = post(client, cast.owner.user, wish)
    assert "Choose whether you want the recap." in response.content.decode()
    assert wants(cast.owner)


def test_an_admin_reads_what_else_they_get(client, cast):
    assert "when a number has no owner" in text_of(client, cast.admin.user)
    assert "when a number has no owner" not in text_of(client, cast.owner.user)


def test_a_superuser_without_a_place_gets_none(client, cast):
    assert "it sends you no mail" in text_of(client, cast.superuser)
    assert post(client, cast.superuser, "yes").status_code == 403


def test_a_stranger_gets_404(client, cast):
    assert post(client, cast.stranger.user, "no").status_code == 404
    assert client.get(URL).status_code == 404
    assert wants(cast.stranger)


def test_anonymous_is_asked_to_sign_in(client, cast):
    for response in (client.get(URL), client.post(URL, {"recap": "no"})):
        assert response.url.startswith(reverse("account_login"))


def test_no_other_method_and_not_without_the_pages_own_token(client, cast):
    client.force_login(cast.owner.user)
    assert client.delete(URL).status_code == 405
    other = Client(enforce_csrf_checks=True)
    other.force_login(cast.owner.user)
    assert other.post(URL, {"recap": "no"}).status_code == 403
    assert wants(cast.owner)


def test_three_statements(client, cast, django_assert_num_queries):
    client.force_login(cast.owner.user)
    with django_assert_num_queries(3):
        client.get(URL)
