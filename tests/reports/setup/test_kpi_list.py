"""reports/kpi_list.py: the KPIs and the people of a practice."""

import pytest
import time_machine

from funnel.actions import kpis
from funnel.models import KPI
from funnel.reports.setup.kpi_list import list_kpis, list_team
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_kpi, make_target, root_seat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def test_the_kpis_in_use_in_order_with_owner_target_and_what_tells_them(
    cast, django_assert_num_queries
):
    make_target(cast.leads, 80)
    make_target(cast.leads, 100, WEEK.next)
    make_target(cast.leads, 120, WEEK.plus(2))
    ratio = {"calculation": "ratio", "unit": "percent"}
    make_kpi(cast.practice, "Booked", source=cast.appointments, divisor=cast.leads, **ratio)
    old = make_kpi(cast.practice, "Old")
    kpis.archive(by=root_seat(cast.practice), kpi=old, today=TODAY)
    with django_assert_num_queries(1):
        listed = [
            (one.kpi.slug, one.owner and one.owner.name, one.target, str(one.kpi.source))
            for one in list_kpis(cast.practice, today=TODAY)
        ]
    assert listed == [
        ("leads", "Tom", 100, "None"),
        ("appointments", "Maya", None, "None"),
        ("patients-acquired", "Dana", None, "None"),
        ("booked", None, None, "Appointments"),
    ]


def test_the_team_are_those_who_work_there(cast, django_assert_num_queries):
    cast.member.is_active = False
    cast.member.save()
    with django_assert_num_queries(2):
        team = [
            (person.name, [r.name for r in person.roles.all()])
            for person in list_team(cast.practice)
        ]
    assert team == [
        ("Ada", []),
        ("Ana", ["Management"]),
        ("Dana", ["Patient coordinator"]),
        ("Maya", ["Front desk"]),
        ("Sam", ["Front desk"]),
        ("Tom", ["Marketing"]),
        ("Vic", []),
    ]
    assert KPI.objects.exists()
