from django.urls import reverse

from funnel.models import KPIGroup
from tests.factories import make_kpi


def test_adds_renames_and_orders(as_admin, cast):
    url = reverse("admin:funnel_kpigroup_add")
    assert as_admin.post(url, {"name": "Money", "order": 2}).status_code == 302
    group = KPIGroup.objects.get(name="Money")
    assert group.practice == cast.practice
    page = reverse("admin:funnel_kpigroup_change", args=[group.pk])
    as_admin.post(page, {"name": "Costs", "order": 1})
    group.refresh_from_db()
    assert (group.name, group.order) == ("Costs", 1)


def test_refuses_a_name_the_practice_has(as_admin, cast):
    KPIGroup.objects.create(practice=cast.practice, name="Money")
    url = reverse("admin:funnel_kpigroup_add")
    response = as_admin.post(url, {"name": "money", "order": 9})
    assert "already has a group of this name" in str(response.context["errors"])
    assert KPIGroup.objects.count() == 1


def test_takes_the_name_of_a_group_next_door(as_admin, cast):
    KPIGroup.objects.create(practice=cast.stranger.practice, name="Money")
    url = reverse("admin:funnel_kpigroup_add")
    assert as_admin.post(url, {"name": "Money", "order": 1}).status_code == 302
    assert KPIGroup.objects.filter(practice=cast.practice, name="Money").exists()


def test_the_list_counts_the_numbers_in_use(as_admin, cast):
    group = KPIGroup.objects.create(practice=cast.practice, name="Money")
    for name in ("Spend", "Fees"):
        make_kpi(cast.practice, name, group=group)
    text = as_admin.get(reverse("admin:funnel_kpigroup_changelist")).content.decode()
    assert '<td class="field-numbers">2</td>' in text
