"""actions/practices.py: what every practice starts with, and the minutes of its meeting."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import practices
from funnel.models import Place, Practice
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    close_week,
    make_kpi,
    make_practice,
    make_staff,
    make_superuser,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db


def found(**fields):
    given = {"slug": "lumina", "name": "Lumina Aesthetics", "began_on": BEGAN, **fields}
    return practices.found(by=make_superuser(), **given)


def stages(practice):
    places = Place.objects.filter(lineup__practice=practice, lineup__from_week=BEGAN, is_stage=True)
    columns = ("position", "kpi__slug", "kpi__name", "role__name", "kpi__unit")
    return list(places.values_list(*columns))


def test_a_new_practice_has_five_roles_and_three_stages():
    practice = found()
    assert list(practice.roles.values_list("name", flat=True)) == [
        "Marketing",
        "Front desk",
        "Patient coordinator",
        "Doctor",
        "Management",
    ]
    assert stages(practice) == [
        (1, "leads", "Leads", "Marketing", "count"),
        (2, "appointments", "Appointments", "Front desk", "count"),
        (3, "patients-acquired", "Patients acquired", "Patient coordinator", "count"),
    ]
    assert all(kpi.definition for kpi in practice.kpis.all())


def test_the_doctor_can_answer_for_the_patients_acquired():
    practice = found(patients_role="Doctor")
    assert practice.kpis.get(slug="patients-acquired").role.name == "Doctor"


def test_nobody_owns_a_new_practices_numbers():
    assert not found().kpis.filter(ownerships__isnull=False).exists()


def test_refuses_a_slug_that_is_taken():
    found()
    with pytest.raises(ValidationError) as refused:
        found(name="The second")
    assert list(refused.value.message_dict) == ["slug"]
    assert Practice.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("time_zone", "Mars", "“Mars” is not a time zone. Write it as in America/New_York."),
        ("currency", "XYZ", "“XYZ” is not a currency. Write three letters, as in USD."),
        ("value_per_patient", Decimal(-1), "The value of one acquired patient cannot be negative."),
        ("meeting_weekday", 7, "Choose a day from Monday to Sunday for the meeting."),
        ("began_on", date(2100, 1, 1), "Choose a day of this century."),
    ],
)
def test_refuses_in_words_and_founds_nothing(field, value, sentence):
    with pytest.raises(ValidationError) as refused:
        found(**{field: value})
    assert refused.value.message_dict == {field: [sentence]}
    assert not Practice.objects.exists()


def test_the_last_day_of_the_century_may_be_the_first():
    assert found(began_on=date(2099, 12, 31)).began_on == date(2099, 12, 31)


def test_only_a_superuser_founds_a_practice():
    admin = make_staff(make_practice("harbor"), "Ada", access="admin")
    with pytest.raises(PermissionDenied):
        practices.found(by=admin.user, slug="lumina", name="Lumina", began_on=BEGAN)
    assert Practice.objects.get().slug == "harbor"


def test_a_practice_with_numbers_of_its_own_is_left_as_it_is():
    practice = found()
    make_kpi(practice, "Reviews")
    before = stages(practice)
    practices.equip(by=make_superuser(), practice=practice)
    assert stages(practice) == before


def test_a_bare_practice_is_equipped_around_the_roles_it_has():
    root = make_superuser()
    practice = Practice.objects.create(slug="harbor", name="Harbor", began_on=date(2026, 1, 5))
    marketing = practice.roles.create(name="Marketing")
    practices.equip(by=root, practice=practice)
    assert practice.kpis.get(slug="leads").role == marketing
    assert practice.roles.count() == 5


def test_founding_leaves_who_in_the_history():
    practice = found()
    assert practice.history.get().history_user == make_superuser()
    assert {kpi.history.get().history_user for kpi in practice.kpis.all()} == {make_superuser()}


def test_the_first_lineup_begins_with_the_week_of_the_first_day():
    lineup = found(began_on=date(2026, 9, 2)).lineups.get()
    assert (lineup.from_week, lineup.set_by) == (date(2026, 8, 31), make_superuser())


# The minutes of its meeting


def plan(person, **minutes):
    given = {"numbers": 10, "ahead": 4, "issues": 20, **minutes}
    return practices.plan(by=seat_for(person), week=WEEK, today=TODAY, **given)


def minutes(practice):
    practice.refresh_from_db()
    return practice.minutes_numbers, practice.minutes_ahead, practice.minutes_issues


@pytest.fixture
def cast():
    return make_cast()


def test_plans_the_minutes_and_keeps_who_did(cast):
    assert plan(cast.manager) == cast.practice
    assert minutes(cast.practice) == (10, 4, 20)
    assert cast.practice.history.first().history_user == cast.manager.user


def test_planning_the_same_changes_nothing(cast):
    plan(cast.manager)
    before = cast.practice.history.count()
    plan(cast.admin)
    assert cast.practice.history.count() == before


@pytest.mark.parametrize("ahead", [0, 121])
def test_refuses_minutes_that_no_meeting_has(cast, ahead):
    with pytest.raises(ValidationError, match="Each part of the meeting has 1 to 120 minutes"):
        plan(cast.manager, ahead=ahead)
    assert minutes(cast.practice) == (8, 2, 5)


@pytest.mark.parametrize("who", ["viewer", "owner", "stand_in"])
def test_only_a_manager_plans(cast, who):
    with pytest.raises(PermissionDenied, match="Only a manager can run the meeting"):
        plan(getattr(cast, who))
    assert minutes(cast.practice) == (8, 2, 5)


def test_a_closed_meeting_plans_nothing(cast):
    close_week(cast.manager)
    with pytest.raises(ValidationError, match="This meeting is closed"):
        plan(cast.manager)
    assert minutes(cast.practice) == (8, 2, 5)


# Changing its settings


def test_an_admin_changes_the_settings():
    cast = make_cast()
    changed = practices.change(
        by=seat_for(cast.admin),
        today=TODAY,
        name="Lumina Skin",
        value_per_patient=None,
        meeting_weekday=2,
    )
    assert changed == Practice.objects.get(name="Lumina Skin", meeting_weekday=2)
    assert cast.practice.patient_values.latest("from_week").value is None
    assert Practice.history.first().history_user == cast.admin.user


def test_what_is_the_same_already_makes_no_history():
    cast = make_cast()
    before = Practice.history.count()
    practices.change(by=seat_for(cast.admin), name=cast.practice.name, began_on=BEGAN)
    assert Practice.history.count() == before


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("time_zone", "Moon/Base", "is not a time zone"),
        ("value_per_patient", Decimal(-1), "cannot be negative"),
        ("meeting_weekday", 7, "Choose a day from Monday to Sunday"),
        ("began_on", date(2024, 1, 2), "already accepts earlier numbers"),
    ],
)
def test_a_setting_that_cannot_stand_is_refused_with_its_field(setting, value, sentence):
    cast = make_cast()
    with pytest.raises(ValidationError, match=sentence) as refusal:
        practices.change(by=seat_for(cast.admin), today=TODAY, **{setting: value})
    assert setting in refusal.value.message_dict


def test_only_a_superuser_changes_the_address():
    cast = make_cast()
    with pytest.raises(PermissionDenied):
        practices.change(by=seat_for(cast.admin), slug="other")
    assert practices.change(by=root_seat(cast.practice), slug="other").slug == "other"


def test_what_is_no_setting_is_a_mistake():
    with pytest.raises(TypeError, match="start"):
        practices.change(by=seat_for(make_cast().admin), starts=1)


@pytest.mark.parametrize("who", ["viewer", "member", "manager"])
def test_only_an_admin_changes_the_settings(who):
    with pytest.raises(PermissionDenied):
        practices.change(by=seat_for(getattr(make_cast(), who)), name="Mine")
