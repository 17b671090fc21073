from django.urls import reverse

from funnel.models import Role


def test_adds_and_renames(as_admin, cast):
    url = reverse("admin:funnel_role_add")
    assert as_admin.post(url, {"name": "Laser", "order": 9}).status_code == 302
    role = Role.objects.get(name="Laser")
    assert role.practice == cast.practice
    page = reverse("admin:funnel_role_change", args=[role.pk])
    as_admin.post(page, {"name": "Laser team", "order": 9})
    role.refresh_from_db()
    assert role.name == "Laser team"


def test_refuses_a_name_the_practice_has(as_admin, cast):
    url = reverse("admin:funnel_role_add")
    response = as_admin.post(url, {"name": "marketing", "order": 9})
    assert "already has a role of this name" in str(response.context["errors"])
