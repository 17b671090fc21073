"""actions/kpis.py: KPIs in order, calculated, out of use and back."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import kpis
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Lineup, Place
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    make_kpi,
    make_ownership,
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


def archive(cast, kpi, *, by=None):
    return kpis.archive(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY)


def restore(cast, kpi, *, by=None):
    return kpis.restore(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY)


def funnel(practice, week=RUNNING):
    """The slugs of the stages of that week, the widest first."""
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice, is_stage=True)
    return list(places.values_list("kpi__slug", flat=True))


def others(practice, week=RUNNING):
    """(slug, group) of the KPIs outside the funnel of that week, in order."""
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice, is_stage=False)
    return list(places.values_list("kpi__slug", "group__name"))


def owners(kpi):
    return list(kpi.ownerships.values_list("staff__name", "starts_on", "ends_on"))


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


def place(cast, kpi, *, by=None, **where):
    return kpis.place(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY, **where)


def save(cast, kpi, *, by=None):
    """Saves it, new or changed."""
    act = kpis.save if kpi.pk else kpis.add
    return act(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY)


# Out of use


def test_archiving_takes_a_kpi_out_of_use_and_ends_its_ownership_today(cast):
    archived = archive(cast, cast.appointments)
    stored = KPI.objects.get(pk=cast.appointments.pk)
    assert archived == stored
    assert stored.is_archived
    assert (stored.archived_by, stored.archived_at) == (cast.admin.user, timezone.now())
    assert owners(stored) == [("Maya", BEGAN, TODAY)]
    assert stored not in cast.practice.kpis.active()


def test_archiving_keeps_who_owned_it_before(cast):
    make_ownership(cast.appointments, cast.stand_in, TODAY)
    archive(cast, cast.appointments)
    assert owners(cast.appointments) == [
        ("Maya", BEGAN, date(2026, 11, 23)),
        ("Sam", TODAY, TODAY),
    ]


def test_archiving_calls_off_a_handover_that_is_still_to_come(cast):
    make_ownership(cast.appointments, cast.stand_in, MONDAY)
    archive(cast, cast.appointments)
    assert owners(cast.appointments) == [("Maya", BEGAN, TODAY)]
    called_off = cast.appointments.ownerships.model.history.get(history_type="-")
    assert (called_off.staff, called_off.starts_on) == (cast.stand_in, MONDAY)
    assert called_off.history_user == cast.admin.user


def test_archiving_an_archived_kpi_changes_nothing(cast):
    first = archive(cast, cast.appointments)
    archive(cast, cast.appointments)
    stored = KPI.objects.get(pk=cast.appointments.pk)
    assert stored.archived_at == first.archived_at
    assert stored.history.filter(history_type="~").count() == 1


def test_archiving_overwrites_no_change_made_since_the_page_was_opened(cast):
    KPI.objects.filter(pk=cast.appointments.pk).update(definition="Booked by phone.")
    archive(cast, cast.appointments)
    assert KPI.objects.get(pk=cast.appointments.pk).definition == "Booked by phone."


# And back


def test_a_restored_kpi_is_in_use_again_and_nobodys(cast):
    restored = restore(cast, archive(cast, cast.appointments))
    assert not KPI.objects.get(pk=restored.pk).is_archived
    assert restored.archived_by is None
    assert not restored.ownerships.not_over(TODAY).exists()


def test_an_archived_kpi_leaves_the_lineup_from_the_running_week_on(cast):
    archive(cast, cast.appointments)
    assert funnel(cast.practice) == ["leads", "patients-acquired"]
    assert funnel(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]


def test_an_archived_kpi_leaves_it_from_an_earlier_open_week_on(cast):
    seat = seat_for(cast.admin)
    kpis.archive(by=seat, kpi=cast.appointments, today=TODAY, from_week=WEEK)
    assert funnel(cast.practice, WEEK) == ["leads", "patients-acquired"]
    assert "appointments" in funnel(cast.practice, WEEK.previous)


@pytest.mark.parametrize("is_new_this_week", [False, True])
def test_a_restored_stage_is_back_where_it_was(cast, is_new_this_week):
    kpi = cast.appointments
    if is_new_this_week:
        kpi = add(cast, new(cast), is_stage=True, after=cast.appointments)
    before = funnel(cast.practice)
    restore(cast, archive(cast, kpi))
    assert funnel(cast.practice) == before
    restore(cast, archive(cast, kpi))
    assert funnel(cast.practice) == before


def test_a_restored_kpi_is_back_in_its_group(cast):
    group = KPIGroup.objects.create(practice=cast.practice, name="Fame")
    reviews = make_kpi(cast.practice, "Reviews", group=group)
    make_kpi(cast.practice, "Calls")
    restore(cast, archive(cast, reviews))
    assert others(cast.practice) == [("reviews", "Fame"), ("calls", None)]


def test_one_that_never_had_a_place_comes_back_outside_the_funnel(cast):
    archived = archive(cast, make_kpi(cast.practice, "Reviews"))
    for rows in (Place.objects, Place.history):
        rows.filter(kpi=archived.pk).delete()
    restore(cast, archived)
    assert others(cast.practice) == [("reviews", None)]


def test_refuses_to_archive_from_a_week_that_has_not_begun(cast):
    seat, week = seat_for(cast.admin), RUNNING.next
    said = refusal(
        ValidationError, kpis.archive, by=seat, kpi=cast.leads, today=TODAY, from_week=week
    )
    assert said == ["This week has not started yet."]


def test_an_archived_kpi_is_not_moved(cast):
    archive(cast, cast.leads)
    assert refusal(ValidationError, place, cast, cast.leads, is_stage=True) == [
        "Leads is archived. Restore it first."
    ]


def test_refuses_to_restore_a_name_that_is_taken(cast):
    reviews = make_kpi(cast.practice, "Reviews")
    archive(cast, reviews)
    KPI.objects.filter(pk=make_kpi(cast.practice, "Ratings").pk).update(name="REVIEWS")
    assert refusal(ValidationError, restore, cast, reviews) == [
        "The practice already has a KPI of this name."
    ]


def test_archiving_and_restoring_leave_who_and_when_in_the_history(cast):
    restore(cast, archive(cast, cast.appointments))
    past = cast.appointments.history.order_by("history_id")
    assert [(h.history_user.email, h.archived_by) for h in past] == [
        ("root@example.com", None),
        ("ada@lumina.example", cast.admin.user),
        ("ada@lumina.example", None),
    ]


# Who may


@pytest.mark.parametrize("who", ["viewer", "owner", "manager", "stranger"])
def test_only_an_admin_of_the_practice_changes_its_kpis(cast, who):
    person = getattr(cast, who)
    sentence = "Only an admin of the practice can change its KPIs."
    assert refusal(PermissionDenied, archive, cast, cast.leads, by=person) == sentence
    assert refusal(PermissionDenied, restore, cast, cast.leads, by=person) == sentence
    assert refusal(PermissionDenied, place, cast, cast.leads, by=person) == sentence
    assert refusal(PermissionDenied, add, cast, new(cast), by=person) == sentence
    if who != "stranger":
        stages = (cast.patients, cast.appointments, cast.leads)
        assert refusal(PermissionDenied, reorder, cast, *stages, by=person) == sentence


def test_a_superuser_archives(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY)
    assert KPI.objects.get(pk=cast.leads.pk).is_archived


def test_the_stages_of_a_practice_without_people_can_be_reordered_by_a_superuser():
    practice = make_practice("lumina")
    stages = list(practice.kpis.in_order())[::-1]
    kpis.reorder(by=root_seat(practice), kpis=stages, today=TODAY)
    assert funnel(practice)[0] == "patients-acquired"


def test_a_stage_is_not_put_behind_one_that_the_week_did_not_have(cast):
    add(cast, new(cast), is_stage=True, after=cast.appointments)
    attended = KPI.objects.get(name=new(cast).name)
    said = refusal(
        ValidationError,
        kpis.place,
        by=seat_for(cast.admin),
        kpi=cast.patients,
        today=TODAY,
        from_week=WEEK,
        is_stage=True,
        after=attended,
    )
    assert said == [f"{attended.name} was not a stage of the funnel in this week yet."]
    assert funnel(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]


def test_restoring_a_kpi_in_use_changes_nothing(cast):
    before = stored()
    assert restore(cast, cast.leads) == cast.leads
    assert stored() == before


def test_a_number_outside_the_funnel_comes_last_behind_one_that_the_week_did_not_have(cast):
    reviews = make_kpi(cast.practice, "Reviews", from_week=RUNNING)
    calls = make_kpi(cast.practice, "Calls", from_week=WEEK)
    by = seat_for(cast.admin)
    kpis.place(by=by, kpi=calls, from_week=WEEK, after=reviews, is_stage=False, today=TODAY)
    assert others(cast.practice, WEEK) == [("calls", None)]
    assert others(cast.practice) == [("reviews", None), ("calls", None)]
