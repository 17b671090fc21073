"""KPIs in the admin: between which stages, in which group, and from which week on."""

from funnel.models import KPI, KPIGroup, Place
from tests.admin.test_kpis import ADD, REQUIRED, RUNNING, as_shown, do, errors, page, stages
from tests.factories import WEEK, close_week, make_kpi


def test_a_stage_takes_a_name_and_a_place(as_admin, cast):
    shown = as_admin.get(ADD)
    form = shown.context["adminform"].form
    assert list(form.fields["place"].choices) == [
        ("", "No"),
        ("first", "Yes, first: before Leads"),
        (str(cast.leads.pk), "Yes, between Leads and Appointments"),
        (str(cast.appointments.pk), "Yes, between Appointments and Patients acquired"),
        (str(cast.patients.pk), "Yes, last: after Patients acquired"),
    ]
    sent = {name: form[name].value() or "" for name in form.fields}
    typed = {"name": "Attended", "place": cast.appointments.pk}
    response = as_admin.post(ADD, {**sent, **typed})
    added = KPI.objects.get(slug="attended")
    assert response.url == page(added)
    assert (added.role.name, added.unit) == ("Front desk", "count")
    assert added.definition == "Attended of the week, each person counted once."
    assert stages(cast.practice) == ["leads", "appointments", "attended", "patients-acquired"]
    assert stages(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]


def test_a_number_outside_the_funnel_says_what_counts_and_whose_it_is(as_admin, cast):
    response = as_admin.post(ADD, {"name": "Reviews", "place_from": "2026-11-23"})
    found = errors(response)
    assert (found["definition"], found["role"]) == ([REQUIRED], [REQUIRED])
    assert not KPI.objects.filter(name="Reviews").exists()


def test_refuses_a_stage_in_money_beside_its_place_and_loses_nothing(as_admin, cast):
    typed = {"name": "Sales", "place": "first", "unit": "money", "direction": "higher"}
    sent = {**typed, "place_from": "2026-11-23", "calculation": "entered"}
    response = as_admin.post(ADD, sent)
    assert errors(response)["place"] == [
        "A stage of the funnel is an entered count, and more of it is better."
    ]
    assert response.context["adminform"].form["name"].value() == "Sales"
    assert not KPI.objects.filter(name="Sales").exists()


def test_refuses_a_closed_week_beside_its_field(as_admin, cast):
    close_week(cast.manager)
    typed = {"name": "Attended", "place": "first", "place_from": "2026-11-18", "unit": "count"}
    response = as_admin.post(ADD, {**typed, "direction": "higher", "calculation": "entered"})
    assert errors(response)["place_from"] == [
        "The week Nov 16 – 22, 2026 is closed. Choose a week after it."
    ]


def test_its_page_moves_it_from_a_week_on(as_admin, cast):
    typed = as_shown(cast.leads, place=cast.appointments.pk, place_from="2026-11-18")
    assert as_admin.post(page(cast.leads), typed).status_code == 302
    assert stages(cast.practice, WEEK) == ["appointments", "leads", "patients-acquired"]
    assert stages(cast.practice, WEEK.previous) == ["leads", "appointments", "patients-acquired"]
    assert b"Stage 2 of the funnel" in as_admin.get(page(cast.leads)).content


def test_its_page_shows_where_it_is_and_leaves_it_there(as_admin, cast):
    group = KPIGroup.objects.create(practice=cast.practice, name="Fame")
    reviews = make_kpi(cast.practice, "Reviews", group=group)
    for kpi, place, of_group in (
        (cast.leads, "first", None),
        (cast.patients, str(cast.appointments.pk), None),
        (reviews, "", group.pk),
    ):
        form = as_admin.get(page(kpi)).context["adminform"].form
        assert (form["place"].value(), form["group"].value()) == (place, of_group)
        as_admin.post(page(kpi), as_shown(kpi, name=f"{kpi.name}!"))
    assert cast.practice.lineups.count() == 1


def test_its_page_regroups_it_and_takes_it_out_of_the_funnel(as_admin, cast):
    group = KPIGroup.objects.create(practice=cast.practice, name="Fame")
    typed = as_shown(cast.leads, place="", group=group.pk)
    assert as_admin.post(page(cast.leads), typed).status_code == 302
    assert stages(cast.practice) == ["appointments", "patients-acquired"]
    assert Place.objects.in_force(RUNNING.monday).get(kpi=cast.leads).group == group


def test_its_page_archives_it_from_a_week_on(as_admin, cast):
    typed = as_shown(cast.leads, place="archive", place_from="2026-11-18")
    assert as_admin.post(page(cast.leads), typed).status_code == 302
    cast.leads.refresh_from_db()
    assert cast.leads.is_archived
    assert stages(cast.practice, WEEK) == ["appointments", "patients-acquired"]
    assert "leads" in stages(cast.practice, WEEK.previous)


def test_the_place_of_a_stage_next_door_is_no_choice(as_admin, cast):
    theirs = cast.stranger.practice.kpis.first()
    response = as_admin.post(page(cast.leads), as_shown(cast.leads, place=theirs.pk))
    assert "not one of the available choices" in str(errors(response)["place"])


def test_moves_a_number_outside_the_funnel_within_its_group(as_admin, cast):
    group = KPIGroup.objects.create(practice=cast.practice, name="Fame")
    for name, of_group in (("Reviews", group), ("Rating", group), ("Calls", None)):
        make_kpi(cast.practice, name, group=of_group)
    rating, calls = (cast.practice.kpis.get(slug=slug) for slug in ("rating", "calls"))

    def order():
        places = Place.objects.in_force(RUNNING.monday).filter(is_stage=False)
        return list(places.values_list("kpi__slug", flat=True))

    do(as_admin, "move_earlier", rating)
    assert order() == ["rating", "reviews", "calls"]
    do(as_admin, "move_earlier", calls)
    assert order() == ["rating", "reviews", "calls"]
