"""kpi_practice/sign_in.py: the sign-in page, and where it leads while nobody can sign in."""

import pytest
from django.urls import reverse

from funnel.models import User

pytestmark = pytest.mark.django_db

URL = reverse("account_login")


def test_leads_to_the_first_admin_while_there_is_nobody(client):
    assert client.get(URL).url == reverse("start")
    assert client.get(f"{URL}?next=/admin/").url == reverse("start")


def test_is_the_librarys_page_once_there_is_anybody(client):
    User.objects.create_user("someone@example.com", is_active=False)
    response = client.get(URL)
    assert response.status_code == 200
    assert "account/login.html" in [template.name for template in response.templates]


def test_someone_who_is_signed_in_goes_on_without_a_further_statement(
    client, django_assert_num_queries
):
    client.force_login(User.objects.create_user("someone@example.com"))
    with django_assert_num_queries(2):  # The session and the login.
        assert client.get(URL).url == "/"


def test_asks_once_whether_there_is_anybody(client, django_assert_max_num_queries):
    User.objects.create_user("someone@example.com")
    with django_assert_max_num_queries(4) as captured:
        client.get(URL)
    asked = [it["sql"] for it in captured.captured_queries if "funnel_user" in it["sql"]]
    assert len(asked) == 1


def test_sending_the_form_of_an_old_page_makes_nobody(client):
    response = client.post(URL, {"login": "ana@lumina.example", "password": "x"})
    assert response.status_code == 200
    assert not User.objects.exists()
