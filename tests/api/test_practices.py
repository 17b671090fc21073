"""api/practices.py: the practices, their teams and KPIs."""

from decimal import Decimal

import pytest

from funnel.models import KPI
from tests.api.asking import program_of
from tests.factories import make_kpi, make_staff, make_target

pytestmark = pytest.mark.django_db


def test_one_practice_with_its_weeks_and_who_asks(cast):
    told = program_of(cast.owner).get("").json()
    team = {person["name"]: person for person in told.pop("team")}
    assert told == {
        "slug": "lumina",
        "name": "Lumina Aesthetics",
        "time_zone": "America/New_York",
        "currency": "USD",
        "value_per_patient": 3200,
        "meeting": {"weekday": "Monday", "time": "09:00"},
        "began_on": "2024-01-01",
        "today": "2026-11-24",
        "reporting_week": "2026-W47",
        "running_week": "2026-W48",
        "me": {
            "number": cast.owner.pk,
            "name": "Maya",
            "access": "member",
            "may_enter": True,
            "is_manager": False,
        },
    }
    assert team["Maya"] == {
        "number": cast.owner.pk,
        "name": "Maya",
        "title": "",
        "access": "member",
        "roles": ["Front desk"],
    }
    assert len(team) == 8


def test_a_viewer_and_a_superuser_are_told_as_whom_they_ask(cast, client):
    me = program_of(cast.viewer, may_write=False).get("").json()["me"]
    assert (me["access"], me["may_enter"], me["is_manager"]) == ("viewer", False, False)
    client.force_login(cast.superuser)
    me = client.get("/api/v1/practices/lumina/").json()["me"]
    assert me == {
        "number": None,
        "name": "root@example.com",
        "access": None,
        "may_enter": True,
        "is_manager": True,
    }


def test_the_kpis_with_definition_role_owner_unit_stage_and_target(cast):
    make_target(cast.appointments, 40)
    make_kpi(
        cast.practice,
        "Cost per lead",
        unit="money",
        direction="lower",
        calculation=KPI.Calculation.RATIO,
        source=cast.patients,
        divisor=cast.leads,
    )
    kpis = {kpi["slug"]: kpi for kpi in program_of(cast.owner).get("kpis/").json()["kpis"]}
    assert list(kpis) == ["leads", "appointments", "patients-acquired", "cost-per-lead"]
    assert kpis["appointments"] == {
        "slug": "appointments",
        "name": "Appointments",
        "definition": cast.appointments.definition,
        "role": "Front desk",
        "owner": "Maya",
        "is_mine": True,
        "unit": "count",
        "direction": "higher",
        "stage": 2,
        "target": 40,
        "calculation": "entered",
        "source": None,
        "divisor": None,
        "window": None,
    }
    cost = kpis["cost-per-lead"]
    assert (cost["owner"], cost["stage"], cost["target"]) == (None, None, None)
    assert (cost["source"], cost["divisor"]) == ("patients-acquired", "leads")


def test_a_target_of_two_decimals_is_exact(cast):
    rating = make_kpi(cast.practice, "Rating", unit="decimal")
    make_target(rating, Decimal("4.65"))
    kpis = program_of(cast.owner).get("kpis/").content.decode()
    assert '"target":4.65,' in kpis


@pytest.mark.parametrize("many", [0, 20])
def test_the_same_statements_for_few_and_many(cast, django_assert_num_queries, many):
    for number in range(many):
        make_kpi(cast.practice, f"Number {number}")
        make_staff(cast.practice, f"Person{number}", "Doctor")
    program = program_of(cast.owner)
    program.get("")  # The first use is noted.
    for path, statements in (("", 4), ("kpis/", 2), ("/api/v1/practices/", 2)):
        with django_assert_num_queries(statements):
            program.get(path)
