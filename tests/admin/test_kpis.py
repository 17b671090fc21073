from datetime import date
from decimal import Decimal

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse

from funnel.actions import groups as group_actions
from funnel.actions import ownership, staff
from funnel.admin import kpi_actions
from funnel.admin.base import ScopedAdmin
from funnel.admin.kpi_actions import moved
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Ownership, Place, Role, Staff, StandIn, Target
from tests.factories import BEGAN, TODAY, make_kpi, make_practice, make_staff, root_seat

LIST = "/admin/funnel/kpi/"
ADD = "/admin/funnel/kpi/add/"
RUNNING = Week.running(TODAY)
REQUIRED = "This field is required."


def page(kpi):
    return reverse("admin:funnel_kpi_change", args=[kpi.pk])


def as_shown(kpi, **changes):
    """What the browser sends when only `changes` were typed."""
    place = Place.objects.in_force(RUNNING.monday).filter(kpi=kpi).first()
    before = (
        place and Place.objects.filter(lineup=place.lineup, position=place.position - 1).first()
    )
    behind = (before.kpi_id if before else "first") if place and place.is_stage else ""
    return {
        "name": kpi.name,
        "definition": kpi.definition,
        "role": kpi.role_id,
        "place": behind,
        "group": (place and place.group_id) or "",
        "place_from": "2026-11-23",
        "unit": kpi.unit,
        "direction": kpi.direction,
        "calculation": kpi.calculation,
        "owner": "",
        "owner_from": "2026-11-24",
        "owner_until": "",
        "stand_in": "",
        "stand_in_from": "",
        "stand_in_to": "",
        "target": "",
        "target_from": "2026-11-23",
        **changes,
    }


def stages(practice, week=RUNNING):
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice, is_stage=True)
    return list(places.values_list("kpi__slug", flat=True))


def errors(response):
    return response.context["adminform"].form.errors


@pytest.fixture
def second(cast):
    """Another person with the Front desk role."""
    return make_staff(cast.practice, "Nora", "Front desk")


def do(client, action, *kpis, **more):
    chosen = {"action": action, "_selected_action": [kpi.pk for kpi in kpis], **more}
    return client.post(LIST, chosen if "assign" in more else {**chosen, "index": "0"}, follow=True)


def test_the_list_says_owner_since_and_stand_in(as_admin, cast):
    body = as_admin.get(LIST).content.decode()
    assert "Maya" in body
    assert "Jan. 1, 2024" in body
    assert "Sam" in body
    assert "to-mend" not in body


def test_no_owner_is_loud_in_words_and_by_a_sign(as_admin, cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=date(2026, 11, 1))
    body = as_admin.get(LIST).content.decode()
    assert '<strong class="to-mend"><span aria-hidden="true">▲</span> No owner</strong>' in body
    assert "1 KPI needs an owner" in as_admin.get("/admin/").content.decode()


def test_an_owner_without_the_role_is_loud(as_admin, cast):
    cast.owner.roles.clear()
    body = as_admin.get(LIST).content.decode()
    assert "Maya: owner without the role<" in body


def test_the_list_narrows_to_what_needs_an_owner(as_admin, cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=date(2026, 11, 1))
    cast.owner.roles.clear()

    def shown(choice):
        response = as_admin.get(LIST, {"owner": choice})
        return [kpi.slug for kpi in response.context["cl"].result_list]

    assert shown("needed") == ["leads", "appointments"]
    assert shown("none") == ["leads"]
    assert shown("role") == ["appointments"]


def test_the_list_asks_the_same_number_of_questions_for_more_kpis(
    as_admin, cast, django_assert_num_queries
):
    as_admin.get(LIST)
    with django_assert_num_queries(6):
        as_admin.get(LIST)
    for number in range(20):
        make_kpi(cast.practice, f"Number {number}")
    with django_assert_num_queries(6):
        as_admin.get(LIST)


def test_today_is_told_where_each_practice_is(client, cast):
    far = make_practice("auckland", time_zone="Pacific/Auckland")
    person = make_staff(far, "Kiri", "Marketing")
    leads = far.kpis.get(slug="leads")
    tomorrow = date(2026, 11, 25)  # At 15:00 UTC this day has started in Auckland only.
    for kpi, owner in ((leads, person), (cast.leads, cast.marketer)):
        ownership.assign(by=root_seat(kpi.practice), kpi=kpi, staff=owner, starts_on=tomorrow)
    Ownership.objects.filter(kpi=cast.leads, starts_on__lt=tomorrow).update(ends_on=TODAY)
    Ownership.objects.filter(kpi=cast.leads).exclude(ends_on=TODAY).delete()
    client.force_login(cast.superuser)
    shown = {kpi.pk: kpi for kpi in client.get(LIST).context["cl"].result_list}
    held = {pk: (kpi.owner_name, kpi.owner_start) for pk, kpi in shown.items()}
    assert held[leads.pk] == ("Kiri", tomorrow)
    assert held[cast.leads.pk] == ("Tom", BEGAN)


def test_only_active_staff_with_the_role_can_be_chosen_as_owner(as_admin, cast, second):
    former = make_staff(cast.practice, "Fay", "Front desk")
    staff.deactivate(by=root_seat(cast.practice), staff=former, today=TODAY)
    looker = make_staff(cast.practice, "Lou", "Front desk", access=Staff.Access.VIEWER)
    form = as_admin.get(page(cast.appointments)).context["adminform"].form
    offered = set(form.fields["owner"].queryset)
    assert offered == {cast.owner, cast.stand_in, second}
    assert not offered & {former, looker, cast.stranger}


def test_assigns_an_owner_from_a_day(as_admin, cast, second):
    typed = as_shown(cast.appointments, owner=second.pk, owner_from="2026-11-30")
    assert as_admin.post(page(cast.appointments), typed).status_code == 302
    before, after = cast.appointments.ownerships.order_by("starts_on")
    assert (before.staff, before.ends_on) == (cast.owner, date(2026, 11, 29))
    assert (after.staff, after.starts_on, after.ends_on) == (second, date(2026, 11, 30), None)
    assert after.assigned_by == cast.admin.user
    assert cast.appointments.history.count() == 1


@pytest.mark.parametrize("who", ["marketer", "viewer", "stranger"])
def test_refuses_an_owner_who_cannot_be_one(as_admin, cast, who):
    typed = as_shown(cast.appointments, owner=getattr(cast, who).pk)
    response = as_admin.post(page(cast.appointments), typed)
    assert "not one of the available choices" in str(errors(response)["owner"])
    assert cast.appointments.ownerships.get().staff == cast.owner


def test_says_beside_the_day_why_it_cannot_be_the_first(as_admin, cast, second):
    typed = as_shown(cast.appointments, owner=second.pk, owner_from="2020-01-01")
    response = as_admin.post(page(cast.appointments), typed)
    assert errors(response)["owner_from"] == [
        "Maya owns Appointments from Jan 1, 2024. Choose that day or a later one."
    ]
    assert cast.appointments.ownerships.get().staff == cast.owner


def test_a_refusal_below_leaves_the_kpi_above_as_it_was(as_admin, cast, second):
    typed = as_shown(cast.appointments, name="Bookings", owner=second.pk, owner_from="2020-01-01")
    as_admin.post(page(cast.appointments), typed)
    cast.appointments.refresh_from_db()
    assert cast.appointments.name == "Appointments"
    assert cast.appointments.history.count() == 1


def test_ends_an_ownership(as_admin, cast):
    as_admin.post(page(cast.leads), as_shown(cast.leads, owner_until="2026-11-24"))
    assert cast.leads.ownerships.get().ends_on == TODAY


def test_refuses_an_end_before_the_beginning(as_admin, cast):
    response = as_admin.post(page(cast.leads), as_shown(cast.leads, owner_until="2020-01-01"))
    assert errors(response)["owner_until"]
    assert cast.leads.ownerships.get().ends_on is None


def test_names_a_stand_in_between_two_days(as_admin, cast):
    days = {"stand_in_from": "2026-12-01", "stand_in_to": "2026-12-08"}
    typed = as_shown(cast.leads, stand_in=cast.member.pk, **days)
    assert as_admin.post(page(cast.leads), typed).status_code == 302
    stand_in = StandIn.objects.get(kpi=cast.leads)
    assert (stand_in.staff, stand_in.starts_on) == (cast.member, date(2026, 12, 1))
    assert stand_in.ends_on == date(2026, 12, 8)
    assert b"Dec. 8, 2026" in as_admin.get(page(cast.leads)).content


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"stand_in_to": "2026-12-08"}, "stand_in_from", "Choose a day."),
        (
            {"stand_in_from": "2026-12-08", "stand_in_to": "2026-12-01"},
            "stand_in_to",
            "A stand-in cannot end before it starts.",
        ),
    ],
)
def test_refuses_a_stand_in_without_sensible_days(as_admin, cast, typed, field, sentence):
    response = as_admin.post(
        page(cast.leads), as_shown(cast.leads, stand_in=cast.member.pk, **typed)
    )
    assert errors(response)[field] == [sentence]
    assert not StandIn.objects.filter(kpi=cast.leads).exists()


def test_sets_a_target_from_the_week_of_any_day(as_admin, cast):
    typed = as_shown(cast.leads, target="1,200", target_from="2026-11-26")
    assert as_admin.post(page(cast.leads), typed).status_code == 302
    target = Target.objects.get(kpi=cast.leads)
    assert (target.value, target.from_week) == (Decimal(1200), date(2026, 11, 23))
    assert target.set_by == cast.admin.user


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "١٢", "1_000"])
def test_refuses_a_target_that_is_no_number_of_the_kpi(as_admin, cast, text):
    response = as_admin.post(page(cast.leads), as_shown(cast.leads, target=text))
    assert errors(response)["target"]
    assert not Target.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "never"])
def test_a_day_beyond_the_calendar_is_an_error_beside_its_field_or_a_week(as_admin, cast, day):
    response = as_admin.post(page(cast.leads), as_shown(cast.leads, target="5", target_from=day))
    assert response.status_code in {200, 302}


def test_another_role_makes_the_owner_one_without_the_role(as_admin, cast):
    doctor = Role.objects.get(practice=cast.practice, name="Doctor")
    typed = as_shown(cast.appointments, role=doctor.pk)
    assert as_admin.post(page(cast.appointments), typed).status_code == 302
    assert b"Maya: owner without the role<" in as_admin.get(LIST).content


def test_refuses_a_role_of_another_practice(as_admin, cast):
    theirs = cast.stranger.practice.roles.first()
    response = as_admin.post(page(cast.leads), as_shown(cast.leads, role=theirs.pk))
    assert "not one of the available choices" in str(errors(response)["role"])


def test_refuses_a_name_that_is_taken(as_admin, cast):
    response = as_admin.post(page(cast.leads), as_shown(cast.leads, name="appointments"))
    assert errors(response)["__all__"] == ["The practice already has a KPI of this name."]


def test_practice_and_address_are_no_fields(as_admin, cast):
    typed = as_shown(cast.leads, practice=cast.stranger.practice.pk, slug="other")
    as_admin.post(page(cast.leads), typed)
    cast.leads.refresh_from_db()
    assert (cast.leads.practice, cast.leads.slug) == (cast.practice, "leads")


def test_adds_a_number_to_ones_own_practice(as_admin, cast):
    typed = {
        "name": "Reviews",
        "slug": "reviews",
        "definition": "New reviews.",
        "role": Role.objects.get(practice=cast.practice, name="Marketing").pk,
        "place": "",
        "group": "",
        "place_from": "2026-11-23",
        "unit": "count",
        "direction": "higher",
        "calculation": "entered",
    }
    url = reverse("admin:funnel_kpi_add")
    response = as_admin.post(url, {**typed, "practice": cast.stranger.practice.pk})
    added = KPI.objects.get(slug="reviews")
    assert added.practice == cast.practice
    assert response.url == page(added)
    assert added.history.get().history_user == cast.admin.user
    again = as_admin.post(url, {**typed, "name": "More reviews"})
    assert errors(again)["__all__"] == ["The practice already has a KPI of this short name."]


def test_history_shows_who_changed_what(as_admin, cast):
    as_admin.post(page(cast.leads), as_shown(cast.leads, name="Enquiries"))
    body = as_admin.get(reverse("admin:funnel_kpi_history", args=[cast.leads.pk])).content.decode()
    assert "Leads → Enquiries" in body
    assert "ada@lumina.example" in body


def test_asks_for_one_owner_for_several_kpis(as_admin, cast):
    other = make_kpi(cast.practice, "Calls", "Front desk")
    body = do(as_admin, "assign_owner", cast.appointments, other).content.decode()
    assert "Assign an owner for Appointments and Calls" in body
    assert 'value="2026-11-24"' in body
    assert "Tom" not in body


def test_assigns_all_the_selected(as_admin, cast, second):
    other = make_kpi(cast.practice, "Calls", "Front desk")
    more = {"assign": "1", "staff": second.pk, "starts_on": "2026-11-24"}
    body = do(as_admin, "assign_owner", cast.appointments, other, **more).content.decode()
    assert "Nora owns Appointments and Calls from Nov 24, 2026." in body
    open_ones = Ownership.objects.filter(ends_on=None, kpi__in=[cast.appointments, other])
    assert {o.staff for o in open_ones} == {second}
    assert LogEntry.objects.filter(user=cast.admin.user).count() == 2


def test_assigns_all_or_none(as_admin, cast, second):
    other = make_kpi(cast.practice, "Calls", "Front desk")
    more = {"assign": "1", "staff": second.pk, "starts_on": "2020-01-01"}
    body = do(as_admin, "assign_owner", other, cast.appointments, **more).content.decode()
    assert "Maya owns Appointments from Jan 1, 2024. Choose that day or a later one." in body
    assert not other.ownerships.exists()


def test_says_when_nobody_holds_all_the_roles(as_admin, cast):
    body = do(as_admin, "assign_owner", cast.leads, cast.appointments).content.decode()
    assert "holds all of the roles Marketing and Front desk" in body


@pytest.mark.parametrize("who", ["marketer", "stranger"])
def test_bulk_assignment_refuses_whoever_was_not_offered(as_admin, cast, who):
    more = {"assign": "1", "staff": getattr(cast, who).pk, "starts_on": "2026-11-24"}
    body = do(as_admin, "assign_owner", cast.appointments, **more).content.decode()
    assert "not one of the available choices" in body
    assert cast.appointments.ownerships.get().staff == cast.owner


def test_kpis_of_two_practices_have_no_owner_in_common(client, cast):
    client.force_login(cast.superuser)
    theirs = cast.stranger.practice.kpis.first()
    assert b"Choose KPIs of one practice" in do(client, "assign_owner", cast.leads, theirs).content


def test_archives_and_brings_back(as_admin, cast):
    do(as_admin, "archive", cast.leads)
    cast.leads.refresh_from_db()
    assert cast.leads.archived_by == cast.admin.user
    assert cast.leads.ownerships.get().ends_on == TODAY
    assert b">Leads</a>" not in as_admin.get(LIST).content
    response = as_admin.post(
        f"{LIST}?archived=yes",
        {"action": "restore", "_selected_action": [cast.leads.pk], "index": "0"},
    )
    assert response.status_code == 302
    cast.leads.refresh_from_db()
    assert not cast.leads.is_archived


def test_an_archived_kpi_takes_no_owner(as_admin, cast):
    do(as_admin, "archive", cast.leads)
    cast.leads.refresh_from_db()
    as_admin.post(page(cast.leads), as_shown(cast.leads, owner=cast.marketer.pk, target="5"))
    assert cast.leads.ownerships.get().ends_on == TODAY
    assert not Target.objects.exists()


def test_moves_a_stage_earlier_and_later(as_admin, cast):
    def order():
        return stages(cast.practice)

    do(as_admin, "move_earlier", cast.appointments)
    assert order() == ["appointments", "leads", "patients-acquired"]
    do(as_admin, "move_later", cast.appointments)
    assert order() == ["leads", "appointments", "patients-acquired"]


def test_does_not_move_an_archived_one(as_admin, cast):
    do(as_admin, "archive", cast.leads)
    chosen = {"action": "move_later", "_selected_action": [cast.leads.pk], "index": "0"}
    response = as_admin.post(f"{LIST}?archived=all", chosen, follow=True)
    assert b"Archived: Leads. Restore them first." in response.content


@pytest.mark.parametrize(
    ("chosen", "step", "expected"),
    [
        ("b", -1, "bacd"),
        ("a", -1, "abcd"),
        ("ab", -1, "abcd"),
        ("bc", -1, "bcad"),
        ("c", 1, "abdc"),
        ("bc", 1, "adbc"),
        ("cd", 1, "abcd"),
    ],
)
def test_moved_keeps_the_order_of_the_others(chosen, step, expected):
    stages = [KPI(pk=number, name=name) for number, name in enumerate("abcd", start=1)]
    result = moved(stages, [kpi for kpi in stages if kpi.name in chosen], step)
    assert "".join(kpi.name for kpi in result) == expected


def test_restores_only_what_is_archived(as_admin, cast):
    response = do(as_admin, "restore", cast.leads)
    assert b"No selected KPI is archived." in response.content


def test_assigns_no_owner_to_an_archived_one(as_admin, cast):
    do(as_admin, "archive", cast.leads)
    chosen = {"action": "assign_owner", "_selected_action": [cast.leads.pk], "index": "0"}
    response = as_admin.post(f"{LIST}?archived=all", chosen, follow=True)
    assert b"Archived numbers have no owner: Leads. Restore them first." in response.content


def test_what_the_action_refuses_to_move_is_said_and_stays(as_admin, cast, monkeypatch):
    def refuse(**_):
        raise ValidationError("The week was closed in the meantime.")

    monkeypatch.setattr(kpi_actions.kpis, "reorder", refuse)
    response = do(as_admin, "move_earlier", cast.appointments)
    assert b"The week was closed in the meantime." in response.content
    assert stages(cast.practice) == ["leads", "appointments", "patients-acquired"]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"owner_until": "2026-11-30"}, "owner_until", "Choose a new owner or end the ownership"),
        ({"stand_in_to": "2026-11-30"}, "stand_in", "Choose who stands in."),
    ],
)
def test_refuses_half_of_a_change(as_admin, cast, second, typed, field, sentence):
    owner = {"owner": second.pk} if "owner_until" in typed else {}
    response = as_admin.post(page(cast.appointments), as_shown(cast.appointments, **owner, **typed))
    assert sentence in errors(response)[field][0]
    assert Ownership.objects.filter(kpi=cast.appointments).count() == 1


def test_the_first_stage_of_a_practice_has_one_place_to_choose(as_admin, cast):
    by = root_seat(cast.practice)
    for kpi in (cast.leads, cast.appointments, cast.patients):
        kpi_actions.kpis.place(by=by, kpi=kpi, from_week=RUNNING, today=TODAY)
    choices = as_admin.get(ADD).context["adminform"].form.fields["place"].choices
    assert [label for _, label in choices] == ["No", "Yes, the only one"]


@pytest.mark.parametrize(
    ("model", "field"), [(KPI, "role"), (Staff, "roles"), (Ownership, "staff")]
)
def test_rows_to_choose_from_are_those_of_ones_own_practice(rf, cast, model, field):
    admin = ScopedAdmin(model, site)
    for person, slug in ((cast.admin, "lumina"), (cast.stranger, "harbor")):
        request = rf.get("/")
        request.user = person.user
        found = admin.formfield_for_dbfield(model._meta.get_field(field), request).queryset
        assert {one.practice.slug for one in found} == {slug}


def test_who_is_overtaken_between_the_check_and_the_save_reads_why(as_admin, cast, monkeypatch):
    def refuse(**_):
        raise ValidationError("The name was taken in the meantime.")

    monkeypatch.setattr(group_actions, "save", refuse)
    response = as_admin.post(
        "/admin/funnel/kpigroup/add/", {"name": "Money", "order": "1"}, follow=True
    )
    assert b"The name was taken in the meantime." in response.content
    assert not KPIGroup.objects.exists()
