import pytest
import time_machine
from django.urls import reverse

from funnel.actions import ownership
from funnel.models import Staff
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, make_kpi, make_ownership, remove_kpis, root_seat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def unowned(cast):
    """Nobody owns appointments since yesterday."""
    ownership.end(by=root_seat(cast.practice), kpi=cast.appointments, ends_on=TODAY.replace(day=23))
    return cast


def page(client, user, slug="lumina"):
    client.force_login(user)
    return client.get(reverse("responsibilities", args=[slug]))


def text_of(client, user):
    response = page(client, user)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["owner", "viewer", "manager", "admin"])
def test_everyone_in_the_practice_sees_who_answers_for_what(client, cast, who):
    text = text_of(client, getattr(cast, who).user)
    for shown in ("Every number has its owner.", "Tom", "since Jan 1, 2024", "Marketing"):
        assert shown in text
    assert cast.leads.definition in text
    assert "Sam stands in until Dec 1, 2026." in text


def test_an_unowned_kpi_stands_on_top_and_says_whom_to_ask(client, unowned):
    text = text_of(client, unowned.viewer.user)
    assert "Ask Ada (admin) to name an owner." in text
    assert "Maya, Sam could own it: they hold the role Front desk." in text
    assert text.index("Appointments has no owner.") < text.index("Tom")
    assert "/admin/funnel/kpi/" not in text


def test_an_admin_is_led_to_the_kpi(client, unowned):
    link = reverse("admin:funnel_kpi_change", args=[unowned.appointments.pk])
    assert f'href="{link}"' in text_of(client, unowned.admin.user)
    assert "Ask Ada" not in text_of(client, unowned.admin.user)


def test_without_anyone_of_the_role_the_role_comes_first(client, cast):
    kpi = make_kpi(cast.practice, "Google rating", "Doctor")
    cast.member.roles.clear()
    text = text_of(client, cast.viewer.user)
    assert "No one holds the role Doctor: give someone the role first." in text
    assert kpi.definition in text


def test_a_practice_without_an_admin_says_so(client, unowned):
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=False)
    assert "This practice has no admin" in text_of(client, unowned.viewer.user)


def test_a_practice_without_kpis_is_taught(client, cast):
    remove_kpis(cast.practice)
    assert "There are no numbers yet." in text_of(client, cast.viewer.user)


def test_names_are_text_and_never_markup(client, cast):
    Staff.objects.filter(pk=cast.marketer.pk).update(name="<b>Tom</b>")
    assert "&lt;b&gt;Tom&lt;/b&gt;" in text_of(client, cast.viewer.user)


def test_a_superuser_sees_it(client, cast):
    assert page(client, cast.superuser).status_code == 200


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    assert page(client, cast.stranger.user).status_code == 404
    assert page(client, cast.stranger.user, "nowhere").status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.get(reverse("responsibilities", args=["lumina"]))
    assert response.url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.admin.user)
    assert client.post(reverse("responsibilities", args=["lumina"])).status_code == 405


@pytest.mark.parametrize("more", [0, 12])
def test_seven_statements_for_three_and_fifteen_kpis(client, cast, django_assert_num_queries, more):
    for number in range(more):
        make_ownership(make_kpi(cast.practice, f"Number {number}"), cast.manager, BEGAN)
    client.force_login(cast.viewer.user)
    with django_assert_num_queries(7):
        client.get(reverse("responsibilities", args=["lumina"]))
