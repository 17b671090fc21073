"""actions/kpis.py: KPIs that are calculated from others."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import kpis
from funnel.domain.weeks import Week
from funnel.models import KPI, Lineup, Place
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    make_entry,
    make_kpi,
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
    sentence = "Only an admin of the practice can change its KPIs."
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
        (old, "Old is archived: restore it first."),
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
    sentence = (
        "Booked has numbers, which would change their meaning. Archive it and add another KPI."
    )
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
        "neither."
    )
    assert refusal(ValidationError, save, cast, ratio(cast, **fields)) == [sentence]


def test_refuses_a_ratio_that_is_a_count(cast):
    assert refusal(ValidationError, save, cast, ratio(cast, unit="count")) == [
        "A ratio is money, percent or a number with decimals."
    ]


def test_what_is_stored_decides_when_two_admins_save(cast):
    """The second made theirs from what it saw before the first saved."""
    seen = KPI.objects.get(pk=make_kpi(cast.practice, "Spend", unit="money").pk)
    archive(cast, seen)
    assert refusal(ValidationError, save, cast, ratio(cast, unit="money", source=seen)) == [
        "Spend is archived: restore it first."
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
    assert refusal(ValidationError, restore, cast, kpi) == ["Leads is archived: restore it first."]
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


def test_what_only_the_database_refuses_is_refused_in_the_same_words(cast, monkeypatch):
    """As of a number that came in since it was checked: see tests/races/test_kpis.py."""
    kpi = save(cast, ratio(cast))
    for part in (cast.appointments, cast.leads):
        make_entry(part, 30)
    kpi.source = cast.patients
    words = refusal(ValidationError, save, cast, kpi)
    monkeypatch.setattr(KPI, "clean", lambda self: None)
    assert refusal(ValidationError, save, cast, kpi) == words == [kpi.fixed_sentence]
