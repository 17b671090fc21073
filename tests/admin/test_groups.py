from django.urls import reverse

from funnel.models import KPIGroup, Place
from tests.factories import WEEK, make_kpi


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


def test_another_order_holds_from_the_running_week_on(as_admin, cast):
    money, fame = (
        KPIGroup.objects.create(practice=cast.practice, name=name, order=order)
        for order, name in enumerate(("Money", "Fame"), start=1)
    )
    for name, group in (("Spend", money), ("Rating", fame)):
        make_kpi(cast.practice, name, group=group)
    page = reverse("admin:funnel_kpigroup_change", args=[money.pk])
    assert as_admin.post(page, {"name": "Money", "order": 9}).status_code == 302

    def others(week):
        places = Place.objects.in_force(week.monday).filter(is_stage=False)
        return list(places.values_list("kpi__slug", flat=True))

    assert others(WEEK) == ["spend", "rating"]
    assert others(WEEK.next) == ["rating", "spend"]
    assert cast.practice.lineups.last().set_by == cast.admin.user
