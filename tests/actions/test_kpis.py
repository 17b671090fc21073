"""actions/kpis.py: KPIs in order, calculated, out of use and back."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.actions import kpis
from funnel.models import KPI
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    make_entry,
    make_kpi,
    make_ownership,
    make_practice,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def reorder(cast, *stages, by=None):
    kpis.reorder(by=seat_for(by or cast.admin), stages=stages)


def archive(cast, kpi, *, by=None):
    return kpis.archive(by=seat_for(by or cast.admin), kpi=kpi, today=TODAY)


def restore(cast, kpi, *, by=None):
    return kpis.restore(by=seat_for(by or cast.admin), kpi=kpi)


def funnel(practice):
    return list(practice.kpis.active().exclude(stage=None).values_list("slug", "stage"))


def owners(kpi):
    return list(kpi.ownerships.values_list("staff__name", "starts_on", "ends_on"))


def refusal(error, call, *args, **kwargs):
    """What the refused call says, after making sure that it changed nothing."""
    before = list(KPI.objects.order_by("pk").values()), KPI.history.count()
    with pytest.raises(error) as refused:
        call(*args, **kwargs)
    assert (list(KPI.objects.order_by("pk").values()), KPI.history.count()) == before
    return getattr(refused.value, "messages", None) or str(refused.value)


def save(cast, kpi, *, by=None):
    return kpis.save(by=seat_for(by or cast.admin), kpi=kpi)


def ratio(cast, name="Booked", **fields):
    """Appointments by leads, in percent, not saved yet."""
    return KPI(
        practice=cast.practice,
        name=name,
        slug=name.lower().replace(" ", "-"),
        definition="Booked of all who called.",
        role=cast.leads.role,
        **{
            "unit": KPI.Unit.PERCENT,
            "calculation": KPI.Calculation.RATIO,
            "source": cast.appointments,
            "divisor": cast.leads,
            **fields,
        },
    )


# The order of the funnel


def test_puts_the_stages_in_the_order_given(cast):
    reorder(cast, cast.patients, cast.leads, cast.appointments)
    assert funnel(cast.practice) == [("patients-acquired", 1), ("leads", 2), ("appointments", 3)]


def test_closes_the_gaps_between_stages(cast):
    KPI.objects.filter(pk=cast.patients.pk).update(stage=9)
    reorder(cast, cast.leads, cast.appointments, cast.patients)
    assert [stage for _, stage in funnel(cast.practice)] == [1, 2, 3]


def test_what_is_stored_decides_and_not_what_the_caller_last_saw(cast):
    seen = [cast.patients, cast.appointments, cast.leads]
    reorder(cast, *seen)
    reorder(cast, cast.leads, cast.appointments, cast.patients)
    assert funnel(cast.practice) == [("leads", 1), ("appointments", 2), ("patients-acquired", 3)]


def test_the_order_elsewhere_and_outside_the_funnel_stays(cast):
    reviews = make_kpi(cast.practice, "Reviews", order=4)
    harbor = cast.stranger.practice
    before = funnel(harbor)
    reorder(cast, cast.patients, cast.appointments, cast.leads)
    assert funnel(harbor) == before
    reviews.refresh_from_db()
    assert (reviews.stage, reviews.order) == (None, 4)


def test_refuses_unless_every_stage_is_named_once(cast):
    sentence = ["Name every stage of the funnel once."]
    foreign = cast.stranger.practice.kpis.get(slug="leads")
    reviews = make_kpi(cast.practice, "Reviews")
    rest = (cast.appointments, cast.patients)
    for first in ([], [cast.leads, cast.leads], [foreign], [reviews], [cast.leads, reviews]):
        assert refusal(ValidationError, reorder, cast, *first, *rest) == sentence


def test_reordering_leaves_who_and_both_places_in_the_history_of_what_moved(cast):
    reorder(cast, cast.appointments, cast.leads, cast.patients)
    past = cast.leads.history.order_by("history_id")
    assert [(h.history_user.email, h.stage) for h in past] == [
        ("root@example.com", 1),
        ("ada@lumina.example", 2),
    ]
    assert cast.patients.history.count() == 1


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
    tomorrow = date(2026, 11, 25)
    assert not restored.ownerships.not_over(tomorrow).exists()


def test_refuses_to_restore_to_a_place_that_is_taken(cast):
    archived = archive(cast, cast.appointments)
    make_kpi(cast.practice, "Consultations", stage=2)
    assert refusal(ValidationError, restore, cast, archived) == [
        "Another KPI already has this place in the funnel."
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
    sentence = "Only an admin of the practice changes its KPIs."
    assert refusal(PermissionDenied, archive, cast, cast.leads, by=person) == sentence
    assert refusal(PermissionDenied, restore, cast, cast.leads, by=person) == sentence
    if who != "stranger":
        stages = (cast.patients, cast.appointments, cast.leads)
        assert refusal(PermissionDenied, reorder, cast, *stages, by=person) == sentence


def test_a_superuser_archives(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY)
    assert KPI.objects.get(pk=cast.leads.pk).is_archived


def test_the_stages_of_a_practice_without_people_can_be_reordered_by_a_superuser():
    practice = make_practice("lumina")
    kpis.reorder(by=root_seat(practice), stages=list(practice.kpis.order_by("-stage")))
    assert funnel(practice)[0] == ("patients-acquired", 1)


# Calculated from others


def test_saves_a_new_one_and_a_changed_one_and_says_who(cast):
    kpi = save(cast, ratio(cast))
    kpi.name = "Booked of leads"
    save(cast, kpi)
    past = kpi.history.order_by("history_id")
    assert [(h.name, h.history_user) for h in past] == [
        ("Booked", cast.admin.user),
        ("Booked of leads", cast.admin.user),
    ]
    assert (kpi.source, kpi.divisor) == (cast.appointments, cast.leads)


@pytest.mark.parametrize("who", ["owner", "viewer", "manager", "stranger"])
def test_only_an_admin_of_the_practice_saves_one(cast, who):
    sentence = "Only an admin of the practice changes its KPIs."
    said = refusal(PermissionDenied, save, cast, ratio(cast), by=getattr(cast, who))
    assert said == sentence


@pytest.mark.parametrize("field", ["source", "divisor"])
def test_refuses_what_cannot_tell_a_number(cast, field):
    foreign = cast.stranger.practice.kpis.get(slug="leads")
    calculated = save(cast, ratio(cast, "Other"))
    old = make_kpi(cast.practice, "Old")
    archive(cast, old)
    for part, sentence in (
        (foreign, "Choose a KPI of this practice."),
        (calculated, "Other is calculated itself: choose KPIs that are entered."),
        (old, "Old is archived and takes no numbers: bring it back first."),
    ):
        assert refusal(ValidationError, save, cast, ratio(cast, **{field: part})) == [sentence]


def test_refuses_to_calculate_a_kpi_from_itself(cast):
    kpi = save(cast, ratio(cast))
    kpi.source = kpi
    assert refusal(ValidationError, save, cast, kpi) == ["A KPI cannot be calculated from itself."]


def test_refuses_to_divide_a_kpi_by_itself(cast):
    kpi = ratio(cast, divisor=cast.appointments)
    sentence = "Divide by another KPI: by itself every number is 1."
    assert refusal(ValidationError, save, cast, kpi) == [sentence]


def test_refuses_to_calculate_what_was_entered(cast):
    kpi = make_kpi(cast.practice, "Booked", unit=KPI.Unit.PERCENT)
    make_entry(kpi, 30)
    kpi.calculation, kpi.source, kpi.divisor = "ratio", cast.appointments, cast.leads
    sentence = "Booked has numbers that were entered. Add another KPI."
    assert refusal(ValidationError, save, cast, kpi) == [sentence]


def test_refuses_to_calculate_what_another_is_calculated_from(cast):
    spend = make_kpi(cast.practice, "Spend", unit=KPI.Unit.MONEY)
    save(cast, ratio(cast, "Cost per lead", unit="money", source=spend))
    spend.calculation, spend.source, spend.window = "total", cast.leads, 4
    sentence = "Cost per lead is calculated from Spend, which therefore has to be entered."
    assert refusal(ValidationError, save, cast, spend) == [sentence]


@pytest.mark.parametrize(
    "fields",
    [
        {"divisor": None},
        {"source": None},
        {"window": 4},
        {"calculation": "total"},
        {"calculation": "total", "divisor": None, "window": 1},
        {"calculation": "total", "divisor": None, "window": 53},
        {"calculation": "entered"},
    ],
)
def test_refuses_half_of_a_calculation(cast, fields):
    sentence = (
        "A ratio names two KPIs, a moving total one KPI and 2 to 52 weeks, an entered number "
        "none of these."
    )
    assert refusal(ValidationError, save, cast, ratio(cast, **fields)) == [sentence]


def test_refuses_a_calculated_stage_and_a_ratio_that_is_a_count(cast):
    assert refusal(ValidationError, save, cast, ratio(cast, unit="count")) == [
        "A ratio is money, percent or a number with decimals."
    ]
    stage = ratio(cast, unit="count", stage=4, calculation="total", divisor=None, window=4)
    assert refusal(ValidationError, save, cast, stage) == [
        "A stage of the funnel is entered, not calculated."
    ]


def test_what_is_stored_decides_when_two_admins_save(cast):
    """The second made theirs from what it saw before the first saved."""
    seen = KPI.objects.get(pk=make_kpi(cast.practice, "Spend", unit="money").pk)
    archive(cast, seen)
    assert refusal(ValidationError, save, cast, ratio(cast, unit="money", source=seen)) == [
        "Spend is archived and takes no numbers: bring it back first."
    ]


@pytest.mark.parametrize("part", ["appointments", "leads"])
def test_refuses_to_archive_what_another_is_calculated_from(cast, part):
    kpi, told_by = save(cast, ratio(cast)), getattr(cast, part)
    assert refusal(ValidationError, archive, cast, told_by) == [
        f"Booked is calculated from {told_by.name}. Archive Booked first, or let it be calculated "
        "from something else."
    ]
    assert told_by.ownerships.get().ends_on is None
    archive(cast, kpi)
    assert archive(cast, told_by).is_archived


def test_refuses_to_restore_what_is_calculated_from_an_archived_one(cast):
    kpi = save(cast, ratio(cast))
    for each in (kpi, cast.leads):
        archive(cast, each)
    assert refusal(ValidationError, restore, cast, kpi) == [
        "Leads is archived and takes no numbers: bring it back first."
    ]
    restore(cast, cast.leads)
    assert not restore(cast, kpi).is_archived


def test_refuses_to_restore_what_is_calculated_from_one_that_became_calculated(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money")
    kpi = save(cast, ratio(cast, unit="money", source=spend))
    archive(cast, kpi)
    spend.calculation, spend.source, spend.window = "total", cast.leads, 4
    save(cast, spend)
    assert refusal(ValidationError, restore, cast, kpi) == [
        "Spend is calculated itself: choose KPIs that are entered."
    ]
