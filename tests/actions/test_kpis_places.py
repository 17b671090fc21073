"""actions/kpis.py: where KPIs are reviewed: added, moved and put in order from a week on."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import kpis
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Lineup, Place
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    close_week,
    make_kpi,
    make_practice,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 30)
RUNNING = Week.running(TODAY)
STAGE = "A stage of the funnel is an entered count, and more of it is better."


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def reorder(cast, *stages, by=None, from_week=None):
    seat = seat_for(by or cast.admin)
    return kpis.reorder(by=seat, kpis=stages, today=TODAY, from_week=from_week)


def funnel(practice, week=RUNNING):
    """The slugs of the stages of that week, the widest first."""
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice, is_stage=True)
    return list(places.values_list("kpi__slug", flat=True))


def others(practice, week=RUNNING):
    """(slug, group) of the KPIs outside the funnel of that week, in order."""
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice, is_stage=False)
    return list(places.values_list("kpi__slug", "group__name"))


def refusal(error, call, *args, **kwargs):
    """Return the error of a refused call, after checking that nothing changed."""
    before = stored()
    with pytest.raises(error) as refused:
        call(*args, **kwargs)
    assert stored() == before
    return getattr(refused.value, "messages", None) or str(refused.value)


def stored():
    models = KPI, KPI.history, Lineup, Place, Place.history
    managers = [getattr(model, "objects", model) for model in models]
    return [list(manager.order_by("pk").values()) for manager in managers]


def save(cast, kpi, *, by=None):
    """Saves it, new or changed."""
    act = kpis.save if kpi.pk else kpis.add
    return act(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY)


# New ones


def new(cast, name="Attended", **fields):
    return KPI(
        practice=cast.practice,
        name=name,
        slug=name.lower(),
        definition="Came in.",
        role=cast.appointments.role,
        **fields,
    )


def add(cast, kpi, *, by=None, **where):
    return kpis.add(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY, **where)


def test_a_stage_comes_between_two_from_the_running_week_on(cast):
    add(cast, new(cast), is_stage=True, after=cast.appointments)
    assert funnel(cast.practice) == ["leads", "appointments", "attended", "patients-acquired"]
    assert funnel(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]
    assert list(cast.practice.lineups.values_list("from_week", flat=True)) == [
        BEGAN,
        RUNNING.monday,
    ]
    assert cast.practice.lineups.last().set_by == cast.admin.user


def test_in_a_later_week_that_lacks_the_stage_it_comes_behind_the_one_before_that(cast):
    later = RUNNING.plus(2)
    kpis.place(
        by=seat_for(cast.admin), kpi=cast.appointments, today=TODAY, from_week=later, is_stage=False
    )
    add(cast, new(cast), is_stage=True, after=cast.appointments)
    assert funnel(cast.practice) == ["leads", "appointments", "attended", "patients-acquired"]
    assert funnel(cast.practice, later) == ["leads", "attended", "patients-acquired"]


def test_without_another_a_stage_comes_first_and_another_kpi_last(cast):
    make_kpi(cast.practice, "Reviews")
    add(cast, new(cast, "Visits"), is_stage=True)
    add(cast, new(cast, "Calls"))
    assert funnel(cast.practice)[0] == "visits"
    assert others(cast.practice) == [("reviews", None), ("calls", None)]


def test_a_kpi_of_a_group_comes_last_of_it_and_groups_by_their_order(cast):
    money, fame = (
        KPIGroup.objects.create(practice=cast.practice, name=name, order=order)
        for order, name in enumerate(("Money", "Fame"), start=1)
    )
    add(cast, new(cast, "Calls"))
    for name, group in (("Rating", fame), ("Spend", money), ("Reviews", fame), ("Fees", money)):
        add(cast, new(cast, name), group=group)
    assert others(cast.practice) == [
        ("spend", "Money"),
        ("fees", "Money"),
        ("rating", "Fame"),
        ("reviews", "Fame"),
        ("calls", None),
    ]


@pytest.mark.parametrize(
    "fields",
    [{"unit": "money"}, {"direction": "lower"}, {"calculation": "total", "window": 4}],
    ids=["money", "lower", "calculated"],
)
def test_refuses_a_stage_that_is_no_entered_count_of_which_more_is_better(cast, fields):
    source = {"source": cast.leads} if "window" in fields else {}
    kpi = new(cast, **fields, **source)
    assert refusal(ValidationError, add, cast, kpi, is_stage=True) == [STAGE]


def test_a_stage_does_not_become_what_cannot_be_one(cast):
    cast.leads.unit = "money"
    assert refusal(ValidationError, save, cast, cast.leads) == [STAGE]


def test_refuses_a_place_of_another_practice(cast):
    theirs = KPIGroup.objects.create(practice=cast.stranger.practice, name="Money")
    said = refusal(PermissionDenied, add, cast, new(cast), group=theirs)
    assert said == "KPI, group and role must belong to the practice."


def test_a_new_kpi_can_be_reviewed_from_an_earlier_open_week_on(cast):
    add(cast, new(cast), from_week=WEEK.previous)
    assert others(cast.practice, WEEK.previous) == [("attended", None)]
    assert others(cast.practice, WEEK.plus(-2)) == []


def test_refuses_a_closed_week_and_one_before_it(cast):
    close_week(cast.manager)
    for week in (WEEK, WEEK.plus(-3)):
        assert refusal(ValidationError, add, cast, new(cast), from_week=week) == [
            "The week Nov 16 – 22, 2026 is closed. Choose a week after it."
        ]


def test_refuses_a_week_before_the_practice_began(cast):
    week = Week.of(BEGAN).previous
    assert refusal(ValidationError, add, cast, new(cast), from_week=week) == [
        "Lumina Aesthetics had not started yet in this week."
    ]


def test_in_a_practice_that_begins_later_it_is_reviewed_from_its_first_week_on():
    later = RUNNING.plus(3)
    practice = make_practice("nova", began_on=later.monday)
    kpi = KPI(
        practice=practice,
        name="Calls",
        slug="calls",
        definition="Calls.",
        role=practice.roles.first(),
    )
    kpis.add(by=root_seat(practice), kpi=kpi, today=TODAY)
    assert others(practice, later) == [("calls", None)]
    assert practice.lineups.count() == 1


# Elsewhere


def place(cast, kpi, *, by=None, **where):
    return kpis.place(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY, **where)


def test_moves_a_stage_behind_another_and_says_so_in_its_history(cast):
    assert place(cast, cast.leads, is_stage=True, after=cast.appointments)
    assert funnel(cast.practice) == ["appointments", "leads", "patients-acquired"]
    assert funnel(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]


def test_what_is_where_it_was_is_not_written_again(cast):
    make_kpi(cast.practice, "Reviews")
    before = stored()
    assert not place(cast, cast.leads, is_stage=True)
    assert not place(cast, cast.patients, is_stage=True, after=cast.appointments)
    assert not place(cast, cast.practice.kpis.get(slug="reviews"))
    assert stored() == before


def test_moves_out_of_the_funnel_and_into_it(cast):
    place(cast, cast.appointments)
    assert funnel(cast.practice) == ["leads", "patients-acquired"]
    assert others(cast.practice) == [("appointments", None)]
    place(cast, cast.appointments, is_stage=True, after=cast.leads)
    assert funnel(cast.practice) == ["leads", "appointments", "patients-acquired"]


def test_a_second_change_of_the_same_week_changes_its_lineup_and_only_what_moved(cast):
    reviews = make_kpi(cast.practice, "Reviews")
    group = KPIGroup.objects.create(practice=cast.practice, name="Fame")
    place(cast, cast.leads, is_stage=True, after=cast.appointments)
    before = Place.history.count()
    place(cast, reviews, group=group)
    assert cast.practice.lineups.count() == 2
    (row,) = Place.history.order_by("history_id")[before:]
    assert (row.kpi, row.group, row.history_type) == (reviews, group, "~")
    assert row.history_user == cast.admin.user


def test_a_change_holds_in_every_later_lineup_too(cast):
    later = RUNNING.plus(2)
    add(cast, new(cast, "Visits"), is_stage=True, from_week=later)
    add(cast, new(cast), is_stage=True, after=cast.appointments)
    assert funnel(cast.practice)[2] == "attended"
    assert funnel(cast.practice, later) == [
        "visits",
        "leads",
        "appointments",
        "attended",
        "patients-acquired",
    ]


def test_another_role_holds_from_the_running_week_on(cast):
    doctor = cast.practice.roles.get(name="Doctor")
    leads = KPI.objects.get(pk=cast.leads.pk)
    leads.role = doctor
    save(cast, leads)
    roles = {
        week: Place.objects.in_force(week.monday).get(kpi=leads).role.name
        for week in (WEEK, RUNNING)
    }
    assert roles == {WEEK: "Marketing", RUNNING: "Doctor"}


def test_another_name_makes_no_new_lineup(cast):
    cast.leads.name = "Enquiries"
    save(cast, cast.leads)
    assert cast.practice.lineups.count() == 1


# The order of the funnel


def test_puts_the_stages_in_the_order_given(cast):
    reorder(cast, cast.patients, cast.leads, cast.appointments)
    assert funnel(cast.practice) == ["patients-acquired", "leads", "appointments"]
    assert funnel(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]


def test_what_is_stored_decides_and_not_what_the_caller_last_saw(cast):
    seen = [cast.patients, cast.appointments, cast.leads]
    reorder(cast, *seen)
    reorder(cast, cast.leads, cast.appointments, cast.patients)
    assert funnel(cast.practice) == ["leads", "appointments", "patients-acquired"]


def test_the_order_elsewhere_and_outside_the_funnel_stays(cast):
    make_kpi(cast.practice, "Reviews")
    harbor = cast.stranger.practice
    reorder(cast, cast.patients, cast.appointments, cast.leads)
    assert funnel(harbor) == ["leads", "appointments", "patients-acquired"]
    assert harbor.lineups.count() == 1
    assert others(cast.practice) == [("reviews", None)]


def test_puts_the_kpis_outside_the_funnel_in_order(cast):
    first, second = (make_kpi(cast.practice, name) for name in ("Reviews", "Calls"))
    reorder(cast, second, first)
    assert others(cast.practice) == [("calls", None), ("reviews", None)]


def test_refuses_unless_every_stage_is_named_once(cast):
    sentence = ["Name every stage of the funnel once."]
    foreign = cast.stranger.practice.kpis.get(slug="leads")
    reviews = make_kpi(cast.practice, "Reviews")
    rest = (cast.appointments, cast.patients)
    for first in ([], [cast.leads, cast.leads], [foreign], [reviews], [cast.leads, reviews]):
        assert refusal(ValidationError, reorder, cast, *first, *rest) == sentence


def test_reordering_leaves_who_and_both_places_in_the_history_of_what_moved(cast):
    week = Week.of(BEGAN)
    reorder(cast, cast.appointments, cast.leads, cast.patients, from_week=week)
    past = Place.history.filter(kpi=cast.leads).order_by("history_id")
    assert [(h.history_user.email, h.position) for h in past] == [
        ("root@example.com", 1),
        ("ada@lumina.example", 2),
    ]
    assert Place.history.filter(kpi=cast.patients).count() == 1
