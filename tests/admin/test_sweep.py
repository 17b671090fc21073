"""Every address of the admin, for everybody."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from funnel.actions import meetings, staff
from funnel.actions.jobs import register
from funnel.domain.repeating import JOBS
from funnel.models import KPIGroup, Meeting, Ownership, Role, Staff, StandIn, Target, WeeklyEntry
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_follow_up,
    make_ownership,
    make_staff,
    make_stand_in,
    make_target,
    root_seat,
)
from tests.kept import kept
from tests.sending import send_all

SECRETS = ("Harbor", "hal@harbor", "Hazel", "h-secret")
MODELS = sorted(admin.site._registry, key=lambda model: model.__name__)
# Of no practice: for superusers.
OF_THE_HOST = {"JobRun", "Message", "User"}
OWN_MODELS = [model for model in MODELS if model.__name__ not in OF_THE_HOST]
ADDED = {"KPI", "KPIGroup", "Role", "Staff"}


@kept
def cast():
    made = make_cast()
    furnish_harbor(made.stranger.practice)
    make_target(made.leads, 100)
    make_entry(made.leads, 90)
    make_follow_up(made.owner, kpi=made.leads)
    KPIGroup.objects.create(practice=made.practice, name="Money")
    return made


def furnish_harbor(practice):
    """Next door everything is named so that it can be recognised on a page."""
    hazel = make_staff(practice, "Hazel", "Marketing")
    kpi = practice.kpis.get(slug="leads")
    kpi.name = "h-secret leads"
    kpi.save()
    Role.objects.filter(practice=practice, name="Doctor").update(name="h-secret role")
    KPIGroup.objects.create(practice=practice, name="h-secret group")
    make_ownership(kpi, hazel)
    make_stand_in(kpi, hazel, TODAY, TODAY)
    make_target(kpi, 10)
    make_entry(kpi, 5, note="h-secret note")
    make_follow_up(hazel, "h-secret promise", kpi=kpi)
    meetings.close(by=root_seat(practice), week=WEEK, today=TODAY, seen=dict)


@pytest.fixture
def harbor(cast):
    return cast.stranger.practice


@pytest.fixture
def lumina(cast):
    return cast.practice


def a_row(model, practice):
    path = admin.site.get_model_admin(model).practice_path
    return model.objects.filter(**{path: practice.pk}).first()


def pages(model, row):
    name = model._meta.model_name
    yield reverse(f"admin:funnel_{name}_changelist")
    yield reverse(f"admin:funnel_{name}_add")
    for page in ("change", "history", "delete"):
        yield reverse(f"admin:funnel_{name}_{page}", args=[row.pk])


def site_pages():
    yield reverse("admin:index")
    yield reverse("admin:app_list", args=["funnel"])
    yield reverse("admin:jsi18n")
    yield reverse("admin:autocomplete")


def all_pages(practice):
    for model in OWN_MODELS:
        yield from pages(model, a_row(model, practice))
    yield from site_pages()


def test_only_our_own_models_are_on_the_site():
    assert {model._meta.label for model in MODELS} == {
        "funnel.FollowUp",
        "funnel.JobRun",
        "funnel.KPI",
        "funnel.KPIGroup",
        "funnel.Meeting",
        "funnel.Message",
        "funnel.Ownership",
        "funnel.Practice",
        "funnel.Role",
        "funnel.Staff",
        "funnel.StandIn",
        "funnel.Target",
        "funnel.User",
        "funnel.WeeklyEntry",
    }


def test_sends_the_anonymous_to_sign_in(client, cast, lumina):
    for page in all_pages(lumina):
        response = client.get(page)
        assert response.status_code == 302, page
        assert "/login/" in response.url, page


@pytest.mark.parametrize("who", ["owner", "manager", "viewer"])
def test_refuses_everyone_who_is_no_admin(client, cast, lumina, who):
    client.force_login(getattr(cast, who).user)
    for page in all_pages(lumina):
        response = client.get(page, follow=True)
        assert response.status_code == 403, page
        assert b"Weekly KPI meeting</a>" not in response.content


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_an_admin_opens_the_pages_of_their_own_rows(as_admin, lumina, cast, model):
    row = a_row(model, lumina)
    for page in pages(model, row):
        response = as_admin.get(page)
        if page.endswith("/delete/"):
            expected = 403
        elif page.endswith("/add/"):
            expected = 200 if model.__name__ in ADDED else 403
        else:
            expected = 200
        assert response.status_code == expected, page


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_superuser_opens_every_page_and_deletes_nothing(client, cast, lumina, harbor, model):
    client.force_login(cast.superuser)
    register(jobs=JOBS, now=timezone.now())
    is_hosts = model.__name__ in OF_THE_HOST
    row = model.objects.first() if is_hosts else a_row(model, lumina)
    for page in pages(model, row):
        status = client.get(page).status_code
        if page.endswith("/delete/"):
            assert status == 403, page
        elif page.endswith("/add/"):
            assert status == (200 if model.__name__ in {*ADDED, "Practice"} else 403), page
        else:
            assert status == 200, page


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_an_admin_sees_nothing_of_another_practice(as_admin, harbor, lumina, model):
    row = a_row(model, harbor)
    for page in [*pages(model, row), *site_pages(), *(f"{p}?practice=harbor" for p in lists())]:
        response = as_admin.get(page, follow=True)
        body = response.content.decode()
        assert not [secret for secret in SECRETS if secret in body], page
        if f"/{row.pk}/" in page and not page.endswith("/delete/"):
            assert response.redirect_chain == [(reverse("admin:index"), 302)], page


def lists():
    return [reverse(f"admin:funnel_{model._meta.model_name}_changelist") for model in OWN_MODELS]


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
def test_an_admin_changes_nothing_of_another_practice(as_admin, harbor, lumina, model):
    row = a_row(model, harbor)
    before = type(row).objects.filter(pk=row.pk).values().get()
    for page in pages(model, row):
        response = as_admin.post(page, {"name": "taken", "slug": "taken", "order": 7})
        assert response.status_code in {200, 302, 403}, page
    assert type(row).objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("bad", ["x", "0", str(2**63), "1/history/9", "_"])
def test_an_id_of_nothing_leads_back_to_the_index(as_admin, lumina, model, bad):
    for page in ("change", "history"):
        url = reverse(f"admin:funnel_{model._meta.model_name}_{page}", args=[bad])
        assert as_admin.get(url).status_code in {302, 404}, url


@pytest.mark.parametrize("action", ["assign_owner", "move_earlier", "move_later", "archive"])
def test_an_action_takes_no_kpi_of_another_practice(as_admin, harbor, action):
    kpi = harbor.kpis.get(slug="leads")
    chosen = {"action": action, "_selected_action": [kpi.pk], "assign": "1", "index": "0"}
    url = reverse("admin:funnel_kpi_changelist")
    body = as_admin.post(url, chosen, follow=True).content.decode()
    assert not [secret for secret in SECRETS if secret in body]
    kpi.refresh_from_db()
    assert not kpi.is_archived
    assert [(place.position, place.is_stage) for place in kpi.places.all()] == [(1, True)]


def test_an_action_invites_nobody_of_another_practice(as_admin, harbor, mailoutbox):
    hazel = harbor.staff.get(name="Hazel")
    chosen = {"action": "invite", "_selected_action": [hazel.pk], "index": "0"}
    as_admin.post(reverse("admin:funnel_staff_changelist"), chosen)
    send_all()
    assert [mail for mail in mailoutbox if "invites" in mail.subject] == []


AUTOCOMPLETES = [
    ("kpi", "role"),
    ("kpi", "practice"),
    ("staff", "roles"),
    ("ownership", "staff"),
    ("ownership", "kpi"),
    ("staff", "user"),
    ("weeklyentry", "entered_by"),
]


@pytest.mark.parametrize(("model", "field"), AUTOCOMPLETES)
def test_autocomplete_offers_own_rows_alone(as_admin, harbor, lumina, model, field):
    asked = {"app_label": "funnel", "model_name": model, "field_name": field}
    response = as_admin.get(reverse("admin:autocomplete"), asked)
    body = response.content.decode()
    assert not [secret for secret in SECRETS if secret in body]
    if field in {"user", "entered_by"}:
        assert response.status_code == 403
    else:
        assert response.json()["results"]


def test_a_row_of_another_practice_is_not_reached_through_view_on_site(as_admin, harbor):
    assert as_admin.get(f"/admin/r/1/{harbor.pk}/").status_code == 404


@pytest.mark.parametrize(
    "query", ["practice__name__startswith=H", "user__password__startswith=m", "name=Maya"]
)
def test_no_hidden_field_is_guessed_through_the_address(as_admin, cast, query):
    assert as_admin.get(f"{reverse('admin:funnel_staff_changelist')}?{query}").status_code == 400


def test_an_admin_of_two_practices_sees_both_and_chooses_one_to_add_to(as_admin, cast, harbor):
    added = staff.add(
        by=root_seat(harbor), email=cast.admin.user.email, name="Ada", access=Staff.Access.ADMIN
    )
    staff.accept(by=cast.admin.user, staff=added)
    for url in lists():
        assert as_admin.get(url).status_code == 200, url
    for model in ("kpi", "kpigroup", "staff", "role"):
        add = reverse(f"admin:funnel_{model}_add")
        assert 'name="practice"' in as_admin.get(add).content.decode()
        assert 'name="name"' in as_admin.get(f"{add}?practice=harbor").content.decode()
    body = as_admin.get(reverse("admin:funnel_kpi_changelist") + "?practice=harbor").content
    assert b"h-secret leads" in body
    assert b"Appointments</a>" in body
    assert b"Maya" not in body


def test_no_page_has_an_inline_script_or_style(client, cast, lumina):
    client.force_login(cast.superuser)
    for page in [*all_pages(lumina)]:
        body = client.get(page).content.decode()
        assert "<style" not in body, page
        assert " style=" not in body, page
        assert "<script>" not in body, page
        assert " onclick=" not in body, page


def test_every_model_with_facts_was_covered(cast, lumina):
    for model in (Meeting, Ownership, StandIn, Target, WeeklyEntry):
        assert a_row(model, lumina) is not None
