"""models/baseline.py: the baselines of a KPI in order."""

import pytest

from funnel.models import Baseline
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_superuser


@pytest.fixture
def cast(db):
    return make_cast()


def begin(kpi, week):
    return Baseline.objects.create(
        kpi=kpi,
        from_week=week.monday,
        reason="Two more phone lines.",
        begun_at=f"{TODAY}T15:00Z",
        begun_by=make_superuser(),
    )


def test_a_baseline_shows_its_kpi_and_its_first_week(cast):
    assert str(begin(cast.leads, WEEK)) == "Leads from 2026-W47"


def test_those_of_a_kpi_come_by_their_first_week(cast):
    later = begin(cast.leads, WEEK)
    earlier = begin(cast.leads, WEEK.previous)
    begin(cast.appointments, WEEK.previous)
    assert list(cast.leads.baselines.all()) == [earlier, later]
