"""Every form and every list action of the admin raises the version of its practice, once."""

import pytest
from django.contrib import admin
from django.contrib.admin.sites import site
from django.test import RequestFactory
from django.urls import reverse

from funnel.models import KPI, KPIGroup, PracticeVersion, Role
from tests.admin.test_kpis import as_shown
from tests.admin.test_practices import SETTINGS
from tests.factories import make_kpi


def number(practice):
    found = PracticeVersion.objects.filter(practice=practice).values_list("number", flat=True)
    return found.first() or 0


def form_of(cast, model):
    """(the address, what is sent) of the form that changes one row of the model."""
    practice = cast.practice
    group = KPIGroup.objects.create(practice=practice, name="Money")
    rows = {
        "KPI": (cast.leads, as_shown(cast.leads, name="Enquiries", target="90")),
        "KPIGroup": (group, {"name": "Costs", "order": 1}),
        "Practice": (practice, {**SETTINGS, "name": "Lumina North", "slug": practice.slug}),
        "Role": (practice.roles.get(name="Doctor"), {"name": "Physician", "order": 4}),
        "Staff": (cast.member, {"name": "Leo", "access": "member", "is_active": "on"}),
    }
    row, sent = rows[model]
    return reverse(f"admin:funnel_{model.lower()}_change", args=[row.pk]), sent


ADDED = {
    "KPI": {
        "name": "Reviews",
        "slug": "reviews",
        "definition": "New reviews.",
        "unit": "count",
        "direction": "higher",
        "calculation": "entered",
        "place": "",
        "group": "",
        "place_from": "2026-11-23",
    },
    "KPIGroup": {"name": "Costs", "order": 1},
    "Role": {"name": "Nurse", "order": 9},
    "Staff": {"name": "New", "email": "new@lumina.example", "access": "member"},
}


def changeable(cast):
    """Models that the superuser can change in the admin."""
    request = RequestFactory().get("/")
    request.user = cast.superuser
    admins = site._registry.items()
    return {model.__name__ for model, it in admins if it.has_change_permission(request)}


def test_the_tables_name_every_form(cast):
    assert changeable(cast) == set(ADDED) | {"Practice"}


@pytest.mark.parametrize("model", [*ADDED, "Practice"])
def test_changing_raises_it_once(as_admin, cast, model):
    address, sent = form_of(cast, model)
    before = number(cast.practice)
    assert as_admin.post(address, sent).status_code == 302
    assert number(cast.practice) == before + 1


@pytest.mark.parametrize("model", ADDED)
def test_adding_raises_it_once(as_admin, cast, model):
    before = number(cast.practice)
    sent = ADDED[model]
    if model == "KPI":
        sent = {**sent, "role": Role.objects.get(practice=cast.practice, name="Management").pk}
    address = reverse(f"admin:funnel_{model.lower()}_add")
    assert as_admin.post(address, sent).status_code == 302
    assert number(cast.practice) == before + 1


def test_founding_gives_the_practice_its_first(client, cast):
    client.force_login(cast.superuser)
    founded = {**SETTINGS, "name": "Nova", "slug": "nova", "patients_role": "Doctor"}
    assert client.post("/admin/funnel/practice/add/", founded).status_code == 302
    assert PracticeVersion.objects.get(practice__slug="nova").number == 1


def test_looking_raises_nothing(as_admin, cast):
    address, _ = form_of(cast, "KPI")
    before = number(cast.practice)
    assert as_admin.get(address).status_code == 200
    assert number(cast.practice) == before


def archived(cast):
    kpi = make_kpi(cast.practice, "Spend")
    KPI.objects.filter(pk=kpi.pk).update(
        archived_at="2026-11-20T12:00Z", archived_by=cast.admin.user
    )
    return kpi


LIST_ACTIONS = {
    "assign_owner": lambda cast: [cast.appointments],
    "move_earlier": lambda cast: [cast.appointments],
    "move_later": lambda cast: [cast.appointments],
    "archive": lambda cast: [cast.leads, make_kpi(cast.practice, "Spend")],
    "restore": lambda cast: [archived(cast)],
}


def test_the_table_names_every_list_action():
    of_kpis = {action.__name__ for action in site._registry[KPI].actions}
    assert of_kpis == set(LIST_ACTIONS)
    others = {
        (model.__name__, name)
        for model, it in site._registry.items()
        for name in it.actions or ()
        if model is not KPI
    }
    # No page of a practice shows its messages.
    assert others == {("Staff", "invite"), ("Message", "send_again")}
    assert admin.site is site


@pytest.mark.parametrize("name", LIST_ACTIONS)
def test_a_list_action_raises_it_once(as_admin, cast, name):
    chosen = [kpi.pk for kpi in LIST_ACTIONS[name](cast)]
    sent = {"action": name, "_selected_action": chosen, "index": "0"}
    if name == "assign_owner":
        sent |= {"assign": "1", "staff": cast.stand_in.pk, "starts_on": "2026-11-24"}
        del sent["index"]
    before = number(cast.practice)
    as_admin.post("/admin/funnel/kpi/" + ("?archived=yes" if name == "restore" else ""), sent)
    assert number(cast.practice) == before + 1


def test_inviting_raises_it(as_admin, cast):
    before = number(cast.practice)
    sent = {"action": "invite", "_selected_action": [cast.member.pk], "index": "0"}
    as_admin.post("/admin/funnel/staff/", sent)
    assert number(cast.practice) == before + 1
