import pytest
from django.urls import reverse

from funnel.models import Practice

ADD = "/admin/funnel/practice/add/"
SETTINGS = {
    "name": "Lumina",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "value_per_patient": "3500",
    "meeting_weekday": "1",
    "meeting_time": "08:30",
    "began_on": "2024-01-01",
    "first_reminder_hours": "20",
    "second_reminder_hours": "2",
    "reminders_at_most": "2",
}


def page(practice):
    return reverse("admin:funnel_practice_change", args=[practice.pk])


def test_an_admin_changes_the_settings_but_not_the_address(as_admin, cast):
    response = as_admin.post(page(cast.practice), {**SETTINGS, "slug": "other"})
    assert response.status_code == 302
    cast.practice.refresh_from_db()
    assert (cast.practice.time_zone, cast.practice.slug) == ("America/Chicago", "lumina")
    assert cast.practice.history.first().history_user == cast.admin.user


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("currency", "XXQ"),
        ("value_per_patient", "-1"),
        ("reminders_at_most", "-1"),
        ("began_on", "9999-12-31"),
    ],
)
def test_refuses_settings_that_cannot_be(as_admin, cast, field, value):
    response = as_admin.post(page(cast.practice), {**SETTINGS, field: value})
    assert response.context["adminform"].form.errors[field]


def test_an_admin_founds_no_practice(as_admin, cast):
    assert as_admin.post(ADD, {**SETTINGS, "slug": "new"}).status_code == 403


@pytest.mark.parametrize("role", ["Patient coordinator", "Doctor"])
def test_a_superuser_founds_one_with_its_roles_and_numbers(client, cast, role):
    client.force_login(cast.superuser)
    founded = {**SETTINGS, "name": "Nova", "slug": "nova", "patients_role": role}
    assert client.post(ADD, founded).status_code == 302
    nova = Practice.objects.get(slug="nova")
    assert nova.roles.count() == 5
    assert nova.kpis.get(slug="patients-acquired").role.name == role


def test_links_to_its_dashboard(as_admin, cast):
    assert b'href="/practices/lumina/"' in as_admin.get(page(cast.practice)).content
