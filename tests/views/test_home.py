import re

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import staff
from funnel.models import Staff, User
from tests.cast import make_cast
from tests.factories import make_entry, make_practice, make_superuser, root_seat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def group(cast):
    """Ana manages both practices."""
    harbor = root_seat(cast.stranger.practice)
    ana = cast.manager.user
    added = staff.add(by=harbor, email=ana.email, name="Ana", access=Staff.Access.MANAGER)
    staff.accept(by=ana, staff=added)
    return ana


def listed(text):
    """The practices of the page, by short name, in its order."""
    return re.findall(r'<h2><a href="/practices/([\w-]+)/">', text)


def test_someone_of_one_practice_goes_straight_to_its_dashboard(client, cast):
    client.force_login(cast.owner.user)
    assert client.get("/").url == reverse("dashboard", args=["lumina"])


def test_someone_of_several_sees_a_row_for_each(client, cast, group):
    make_entry(cast.leads, 90)
    client.force_login(group)
    response = client.get("/")
    text = response.content.decode()
    assert listed(text) == ["harbor", "lumina"]
    for shown in ("Harbor Skin &amp; Laser", "Lumina Aesthetics", "90"):
        assert shown in text
    assert reverse("dashboard", args=["lumina"]) in text


def test_nothing_of_a_third_practice_shows(client, cast, group):
    make_practice("secret", name="Secret Practice")
    client.force_login(group)
    assert "Secret" not in client.get("/").content.decode()


def test_someone_without_a_practice_is_told_whom_to_ask(client, cast):
    cast.member.is_active = False
    cast.member.save()
    client.force_login(cast.member.user)
    response = client.get("/")
    assert response.status_code == 200
    assert "Lumina" not in response.content.decode()


def test_a_superuser_sees_fifty_practices_a_page(client, cast):
    for number in range(49):
        make_practice(f"p{number}")
    client.force_login(cast.superuser)
    pages = [listed(client.get("/", query).content.decode()) for query in ({}, {"page": 2})]
    assert [len(page) for page in pages] == [50, 1]
    assert len({*pages[0], *pages[1]}) == 51


def test_anonymous_is_asked_to_sign_in(client, cast):
    assert client.get("/").url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.owner.user)
    assert client.post("/").status_code == 405


def test_only_a_superuser_is_led_to_a_new_practice(client):
    link = f'href="{reverse("start")}"'
    client.force_login(make_superuser())
    text = client.get("/").content.decode()
    assert "There is no practice here yet." in text
    assert link in text
    client.force_login(User.objects.create_user("someone@example.com"))
    text = client.get("/").content.decode()
    assert "You are not part of a practice yet." in text
    assert link not in text
